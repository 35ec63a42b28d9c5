/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections with TLS, against a server of the test's own. */
#include "link_world.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define HOUR 3600L

struct identity {
	EVP_PKEY *key;
	X509 *cert;
};

/* An authority, and another that nobody trusts. */
static struct identity authority, other;

static struct {
	SSL_CTX *context;
	SSL *ssl;
	struct identity id;
} server;

/* Certificates */

static EVP_PKEY *
new_key(int type)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_id(type, NULL);
	EVP_PKEY *key = NULL;

	assert_int_equal(EVP_PKEY_keygen_init(c), 1);
	if (type == EVP_PKEY_EC)
		assert_int_equal(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(
				     c, NID_X9_62_prime256v1),
		    1);
	assert_int_equal(EVP_PKEY_keygen(c, &key), 1);
	EVP_PKEY_CTX_free(c);
	return key;
}

static void
add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(e);
	assert_int_equal(X509_add_ext(cert, e, -1), 1);
	X509_EXTENSION_free(e);
}

/* names: as in "DNS:a.test,IP:127.0.0.1"; NULL: it is an authority. Valid
 * until so many seconds from now. issuer: NULL: itself. */
static struct identity
new_identity(const char *names, const struct identity *issuer, long until)
{
	static long serial;
	struct identity id = {new_key(EVP_PKEY_EC), X509_new()};
	const unsigned char *name = (const unsigned char *)"proclife test";

	if (issuer == NULL)
		issuer = &id;
	X509_set_version(id.cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(id.cert), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(id.cert), -2 * HOUR);
	X509_gmtime_adj(X509_getm_notAfter(id.cert), until);
	X509_set_pubkey(id.cert, id.key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(id.cert),
	    names == NULL ? "O" : "OU", MBSTRING_ASC, name, -1, -1, 0);
	X509_set_issuer_name(id.cert, X509_get_subject_name(issuer->cert));
	if (names == NULL)
		add_extension(
		    id.cert, NID_basic_constraints, "critical,CA:TRUE");
	else
		add_extension(id.cert, NID_subject_alt_name, names);
	assert_true(X509_sign(id.cert, issuer->key, EVP_sha256()) > 0);
	return id;
}

static void
free_identity(struct identity *id)
{
	X509_free(id->cert);
	EVP_PKEY_free(id->key);
	*id = (struct identity){NULL, NULL};
}

static const char *
put_cert(const char *name, X509 *cert)
{
	char *path = path_of(name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(PEM_write_X509(f, cert), 1);
	fclose(f);
	return path;
}

static const char *
put_key(const char *name, EVP_PKEY *key, const char *passphrase)
{
	char *path = path_of(name);
	FILE *f = fopen(path, "w");
	const unsigned char *phrase = (const unsigned char *)passphrase;

	assert_non_null(f);
	assert_int_equal(
	    PEM_write_PrivateKey(f, key,
		phrase == NULL ? NULL : EVP_aes_128_cbc(), phrase,
		phrase == NULL ? 0 : (int)strlen(passphrase), NULL, NULL),
	    1);
	fclose(f);
	return path;
}

/* The server */

static int
begin_tls(void **state)
{
	if (begin(state) != 0)
		return -1;
	w.s.type = SINK_TLS;
	w.s.tls = true;
	w.s.verify = true;
	w.s.ca_file = put_cert("authority", authority.cert);
	return 0;
}

static void
stop_server(void)
{
	SSL_free(server.ssl);
	server.ssl = NULL;
	close_peer();
}

static int
end_tls(void **state)
{
	stop_server();
	SSL_CTX_free(server.context);
	server.context = NULL;
	free_identity(&server.id);
	return end(state);
}

#define TLS_TEST(f)                                                            \
	{                                                                      \
#f, f, begin_tls, end_tls, NULL                                \
	}

/* Listens, with such a certificate. */
static void
make_server(const char *names, const struct identity *issuer, long until)
{
	server.id = new_identity(names, issuer, until);
	server.context = SSL_CTX_new(TLS_server_method());
	assert_int_equal(
	    SSL_CTX_use_certificate(server.context, server.id.cert), 1);
	assert_int_equal(
	    SSL_CTX_use_PrivateKey(server.context, server.id.key), 1);
	SSL_CTX_set_mode(
	    server.context, SSL_MODE_ENABLE_PARTIAL_WRITE |
				SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	listen_tcp(8);
}

static void
accept_tls(void)
{
	accept_peer();
	server.ssl = SSL_new(server.context);
	assert_int_equal(SSL_set_fd(server.ssl, w.peer), 1);
	SSL_set_accept_state(server.ssl);
}

static int
server_goes_on(void)
{
	int code;

	ERR_clear_error();
	code = SSL_get_error(server.ssl, SSL_do_handshake(server.ssl));
	ERR_clear_error();
	return code;
}

/* Until the link is up or down; the server does its part. */
static enum link_state
shake_hands(void)
{
	struct pollfd p;
	enum link_state state;

	make_link();
	assert_int_equal(turn(), LINK_COMING);
	p = (struct pollfd){.fd = w.listener, .events = POLLIN};
	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	accept_tls();
	while ((state = turn()) == LINK_COMING && waiting())
		server_goes_on();
	while (state == LINK_UP && server_goes_on() == SSL_ERROR_WANT_READ &&
	       waiting())
		continue;
	return state;
}

static void
make_tls_pair(void)
{
	make_server("IP:127.0.0.1", &authority, HOUR);
	if (shake_hands() != LINK_UP)
		fail_msg("%s", link_trouble(w.l));
}

static void
assert_refused(const char *part)
{
	assert_int_equal(shake_hands(), LINK_DOWN);
	assert_trouble("TLS with 127.0.0.1 port ");
	assert_trouble(part);
	assert_int_equal(link_generation(w.l), 0);
}

/* So many as are there; -1: it is over. */
static ssize_t
server_reads(void *at, size_t size)
{
	int n, code;

	ERR_clear_error();
	n = SSL_read(server.ssl, at, (int)size);
	if (n > 0)
		return n;
	code = SSL_get_error(server.ssl, n);
	ERR_clear_error();
	return code == SSL_ERROR_WANT_READ ? 0 : -1;
}

/* Bytes that tell where they stand. */
static char
byte_at(uint64_t position)
{
	return (char)(position * 31 + (position >> 8));
}

static uint64_t
write_from(uint64_t position, size_t piece)
{
	char bytes[65536];
	ssize_t n;

	for (size_t i = 0; i < piece; i++)
		bytes[i] = byte_at(position + i);
	n = link_write(w.l, bytes, piece, w.now_ms);
	assert_in_range(n, 0, piece);
	return (uint64_t)n;
}

static uint64_t
server_reads_from(uint64_t position, size_t piece)
{
	char bytes[65536];
	ssize_t n = server_reads(bytes, piece);

	assert_true(n >= 0);
	for (ssize_t i = 0; i < n; i++)
		assert_int_equal(bytes[i], byte_at(position + (uint64_t)i));
	return (uint64_t)n;
}

/* Who is trusted */

static void
test_number(void **state)
{
	(void)state;
	make_tls_pair();
	assert_null(SSL_get_servername(server.ssl, TLSEXT_NAMETYPE_host_name));
	assert_string_equal(link_trouble(w.l), "");
}

static void
test_name(void **state)
{
	(void)state;
	w.s.verify_name = "logs.test.";
	w.s.type = SINK_RELP;
	make_server("DNS:logs.test", &authority, HOUR);
	assert_int_equal(shake_hands(), LINK_UP);
	assert_string_equal(
	    SSL_get_servername(server.ssl, TLSEXT_NAMETYPE_host_name),
	    "logs.test");
}

static void
test_wrong_name(void **state)
{
	(void)state;
	w.s.verify_name = "logs.test";
	make_server("DNS:other.test,IP:127.0.0.1", &authority, HOUR);
	assert_refused("certificate verify failed: hostname mismatch: "
		       "it is not for logs.test");
}

static void
test_wrong_number(void **state)
{
	(void)state;
	make_server("DNS:localhost,IP:127.0.0.2", &authority, HOUR);
	assert_refused("certificate verify failed: IP address mismatch: "
		       "it is not for 127.0.0.1");
}

static void
test_expired(void **state)
{
	(void)state;
	make_server("IP:127.0.0.1", &authority, -HOUR);
	assert_refused("certificate verify failed: certificate has expired");
}

static void
test_other_authority(void **state)
{
	(void)state;
	make_server("IP:127.0.0.1", &other, HOUR);
	assert_refused("certificate verify failed: ");
}

/* Only those that the system trusts, which does not know the test's. */
static void
test_authorities_of_the_system(void **state)
{
	(void)state;
	w.s.ca_file = NULL;
	make_server("IP:127.0.0.1", &authority, HOUR);
	assert_refused("certificate verify failed: unable to get local "
		       "issuer certificate");
}

static void
test_not_verified(void **state)
{
	(void)state;
	w.s.verify = false;
	make_server("DNS:other.test", &other, -HOUR);
	assert_int_equal(shake_hands(), LINK_UP);
}

static void
test_too_old(void **state)
{
	(void)state;
	make_server("IP:127.0.0.1", &authority, HOUR);
	SSL_CTX_set_security_level(server.context, 0);
	SSL_CTX_set_min_proto_version(server.context, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(server.context, TLS1_1_VERSION);
	assert_refused("version");
}

static void
test_no_tls_there(void **state)
{
	(void)state;
	make_server("IP:127.0.0.1", &authority, HOUR);
	make_link();
	assert_int_equal(turn(), LINK_COMING);
	accept_peer();
	assert_int_equal(write(w.peer, "220 welcome\r\n", 13), 13);
	turn_until(LINK_DOWN);
	assert_trouble("wrong version number");
}

static void
test_no_answer(void **state)
{
	struct link_wish wish;

	(void)state;
	make_server("IP:127.0.0.1", &authority, HOUR);
	make_link();
	while (turn() == LINK_COMING && waiting()) {
		wish = link_wish(w.l, w.now_ms);
		if (wish.read)
			break;
	}
	assert_false(wish.write);
	assert_int_equal(wish.wait_ms, 10000);
	w.now_ms += 9999;
	assert_int_equal(turn(), LINK_COMING);
	w.now_ms += 1;
	assert_int_equal(turn(), LINK_DOWN);
	assert_trouble("no answer within 10 s");
}

static void
test_closed_in_the_handshake(void **state)
{
	(void)state;
	make_server("IP:127.0.0.1", &authority, HOUR);
	make_link();
	assert_int_equal(turn(), LINK_COMING);
	accept_peer();
	shutdown(w.peer, SHUT_WR);
	turn_until(LINK_DOWN);
	assert_trouble("closed by the receiver");
}

/* Who we are */

static void
demand_certificate(void)
{
	make_server("IP:127.0.0.1", &authority, HOUR);
	SSL_CTX_set_verify(server.context,
	    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	X509_STORE_add_cert(
	    SSL_CTX_get_cert_store(server.context), authority.cert);
}

static void
test_our_certificate(void **state)
{
	struct identity ours = new_identity("DNS:us.test", &authority, HOUR);

	(void)state;
	w.s.cert_file = put_cert("cert", ours.cert);
	w.s.key_file = put_key("key", ours.key, NULL);
	demand_certificate();
	assert_int_equal(shake_hands(), LINK_UP);
	free_identity(&ours);
}

static void
test_certificate_demanded(void **state)
{
	(void)state;
	demand_certificate();
	SSL_CTX_set_max_proto_version(server.context, TLS1_2_VERSION);
	assert_refused("alert handshake failure");
}

/* With TLS 1.3 that is said only after our part of the handshake. */
static void
test_certificate_demanded_later(void **state)
{
	(void)state;
	demand_certificate();
	assert_int_equal(shake_hands(), LINK_UP);
	read_to_end();
	assert_trouble("alert certificate required");
	assert_int_equal(link_generation(w.l), 1);
}

/* Nor is it missed by who only writes. */
static void
test_certificate_demanded_of_a_writer(void **state)
{
	(void)state;
	demand_certificate();
	assert_int_equal(shake_hands(), LINK_UP);
	stop_server();
	while (link_write(w.l, "line\n", 5, w.now_ms) >= 0 && waiting())
		turn();
	assert_trouble("write to 127.0.0.1 port ");
	assert_trouble("alert certificate required");
}

static void
assert_not_made(const char *file, const char *part)
{
	struct err err = {""};

	w.l = link_new(&w.s, NULL, &err);
	assert_null(w.l);
	if (strncmp(err.text, file, strlen(file)) != 0)
		fail_msg("\"%s\" does not name %s", err.text, file);
	if (strstr(err.text, part) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", part, err.text);
	assert_int_equal(ERR_peek_error(), 0);
}

static void
test_files_that_can_not_be_read(void **state)
{
	struct identity ours = new_identity("DNS:us.test", &authority, HOUR);
	const char *good = w.s.ca_file, *none = path_of("none");
	char text[128];

	(void)state;
	w.s.port = 6514;
	w.s.ca_file = none;
	assert_not_made(none, strerror(ENOENT));
	w.s.ca_file = good;
	w.s.cert_file = none;
	w.s.key_file = put_key("key", ours.key, NULL);
	assert_not_made(none, strerror(ENOENT));
	w.s.cert_file = put_cert("cert", ours.cert);
	w.s.key_file = none;
	assert_not_made(none, strerror(ENOENT));

	snprintf(text, sizeof(text), "%s", w.s.cert_file);
	w.s.cert_file = put_key("key", ours.key, NULL);
	assert_not_made(w.s.cert_file, "no certificate in PEM");
	w.s.ca_file = w.s.cert_file;
	assert_not_made(w.s.ca_file, "no certificates in PEM");
	w.s.ca_file = good;
	w.s.cert_file = w.s.key_file = text;
	assert_not_made(text, "no key in PEM");
	w.s.key_file = put_key("locked", ours.key, "secret");
	assert_not_made(w.s.key_file, "passphrase");
	free_identity(&ours);
}

static void
test_key_of_another_certificate(void **state)
{
	struct identity ours = new_identity("DNS:us.test", &authority, HOUR);
	EVP_PKEY *rsa = new_key(EVP_PKEY_RSA);

	(void)state;
	w.s.port = 6514;
	w.s.cert_file = put_cert("cert", ours.cert);
	w.s.key_file = put_key("ec", authority.key, NULL);
	assert_not_made(w.s.key_file, "does not fit");
	assert_not_made(w.s.key_file, w.s.cert_file);
	w.s.key_file = put_key("rsa", rsa, NULL);
	assert_not_made(w.s.key_file, "does not fit");
	EVP_PKEY_free(rsa);
	free_identity(&ours);
}

/* Bytes */

static void
test_pieces_of_a_byte(void **state)
{
	uint64_t written = 0, got = 0;
	char back[3];

	(void)state;
	make_tls_pair();
	while (got < 3000) {
		if (written < 3000)
			written += write_from(written, 1);
		got += server_reads_from(got, 1);
	}
	assert_int_equal(SSL_write(server.ssl, "abc", 3), 3);
	for (size_t i = 0; i < 3; i++) {
		while (link_read(w.l, &back[i], 1, w.now_ms) == 0)
			waiting();
		/* What is left does not show on the socket. */
		assert_int_equal(
		    link_wish(w.l, w.now_ms).wait_ms, i < 2 ? 0 : -1);
	}
	assert_memory_equal(back, "abc", 3);
}

/*
 * What waits in between goes out although nothing more is written; and then
 * what is written next need not be the same that found no room.
 */
static void
test_full_socket(void **state)
{
	uint64_t written = 0, got = 0, n;

	(void)state;
	make_tls_pair();
	while ((n = write_from(written, 65536)) > 0)
		written += n;
	assert_true(link_wish(w.l, w.now_ms).write);
	assert_int_equal(link_write(w.l, "x", 1, w.now_ms), 0);
	assert_in_range(link_unread(w.l), 1, written);
	while (got < written) {
		n = server_reads_from(got, 65536);
		got += n;
		if (n == 0)
			waiting();
		assert_int_equal(turn(), LINK_UP);
		assert_true(link_unread(w.l) <= written);
	}
	while (link_unread(w.l) > 0 && waiting())
		continue;
	assert_false(link_wish(w.l, w.now_ms).write);

	written += write_from(written, 7);
	while (got < written)
		got += server_reads_from(got, 65536);
	assert_int_equal(got, written);
}

/* More than one record is not taken at once, but there is room for it. */
static void
test_short_write_without_want(void **state)
{
	(void)state;
	make_tls_pair();
	assert_int_equal(write_from(0, 40000), 16384);
	assert_true(link_wish(w.l, w.now_ms).write);
	turn();
	assert_false(link_wish(w.l, w.now_ms).write);
}

/* The receiver asks us for new keys, while there is no room to answer. */
static void
test_new_keys(void **state)
{
	uint64_t written = 0, got = 0, n;
	char byte;

	(void)state;
	make_tls_pair();
	while ((n = write_from(written, 16384)) > 0)
		written += n;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
		    SSL_key_update(server.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
		server_goes_on();
		assert_int_equal(link_read(w.l, &byte, 1, w.now_ms), 0);
	}
	while (written < 4 * 1048576 || got < written) {
		if (written < 4 * 1048576)
			written += write_from(written, 16384);
		assert_int_equal(turn(), LINK_UP);
		assert_int_equal(link_read(w.l, &byte, 1, w.now_ms), 0);
		got += server_reads_from(got, 16384);
		if (got % 65536 == 0)
			waiting();
	}
	assert_int_equal(SSL_write(server.ssl, "x", 1), 1);
	while (link_read(w.l, &byte, 1, w.now_ms) == 0)
		waiting();
	assert_int_equal(byte, 'x');
}

static void
test_takes_leave(void **state)
{
	char byte;
	ssize_t n;

	(void)state;
	make_tls_pair();
	write_from(0, 5);
	link_free(w.l);
	w.l = NULL;
	for (uint64_t got = 0; got < 5; waiting())
		got += server_reads_from(got, 5);
	while ((n = server_reads(&byte, 1)) == 0)
		waiting();
	assert_int_equal(n, -1);
	assert_int_equal(SSL_get_shutdown(server.ssl) & SSL_RECEIVED_SHUTDOWN,
	    SSL_RECEIVED_SHUTDOWN);
}

static void
test_closed(void **state)
{
	(void)state;
	make_tls_pair();
	SSL_shutdown(server.ssl);
	read_to_end();
	assert_trouble("closed by the receiver");
	assert_int_equal(link_unread(w.l), 0);
}

static void
test_closed_without_leave(void **state)
{
	(void)state;
	make_tls_pair();
	stop_server();
	read_to_end();
	assert_trouble("closed by the receiver");
}

static void
test_reset(void **state)
{
	const struct linger at_once = {1, 0};
	uint64_t written = 0, n;

	(void)state;
	make_tls_pair();
	while ((n = write_from(written, 16384)) > 0)
		written += n;
	setsockopt(w.peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	stop_server();
	while (link_write(w.l, "x", 1, w.now_ms) >= 0 && waiting())
		continue;
	assert_int_equal(turn(), LINK_DOWN);
	assert_trouble("write to 127.0.0.1 port ");
	assert_trouble(strerror(ECONNRESET));
	assert_in_range(link_unread(w.l), 1, written);
	w.now_ms += 60000;
	assert_int_equal(turn(), LINK_COMING);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TLS_TEST(test_number),
	    TLS_TEST(test_name),
	    TLS_TEST(test_wrong_name),
	    TLS_TEST(test_wrong_number),
	    TLS_TEST(test_expired),
	    TLS_TEST(test_other_authority),
	    TLS_TEST(test_authorities_of_the_system),
	    TLS_TEST(test_not_verified),
	    TLS_TEST(test_too_old),
	    TLS_TEST(test_no_tls_there),
	    TLS_TEST(test_no_answer),
	    TLS_TEST(test_closed_in_the_handshake),
	    TLS_TEST(test_our_certificate),
	    TLS_TEST(test_certificate_demanded),
	    TLS_TEST(test_certificate_demanded_later),
	    TLS_TEST(test_certificate_demanded_of_a_writer),
	    TLS_TEST(test_files_that_can_not_be_read),
	    TLS_TEST(test_key_of_another_certificate),
	    TLS_TEST(test_pieces_of_a_byte),
	    TLS_TEST(test_full_socket),
	    TLS_TEST(test_short_write_without_want),
	    TLS_TEST(test_new_keys),
	    TLS_TEST(test_takes_leave),
	    TLS_TEST(test_closed),
	    TLS_TEST(test_closed_without_leave),
	    TLS_TEST(test_reset),
	};
	int failed;

	authority = new_identity(NULL, NULL, HOUR);
	other = new_identity(NULL, NULL, HOUR);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free_identity(&authority);
	free_identity(&other);
	return failed;
}
