/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link_tls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "link_socket.h"

struct link_tls {
	const struct sink_settings *s;
	char *name; /* of the receiver, as its certificate should say */
	SSL_CTX *context;
	BIO_METHOD *method;
};

/* What an operation that stopped waits for. */
enum waits {
	WAITS_NOT,
	WAITS_READ,
	WAITS_WRITE,
};

struct link_tls_session {
	const struct link_tls *tls;
	SSL *ssl;
	int fd;
	int error; /* errno of the socket; 0: none */
	bool eof;  /* the socket ended */
	bool over; /* it failed, and must not be used any more */
	enum waits reading, writing;
	/*
	 * A write that stopped has to go on with the same bytes: they are kept
	 * here, so that the owner of the link need not. One record at most.
	 */
	size_t staged;
	char stage[SSL3_RT_MAX_PLAIN_LENGTH];
};

/* The socket, as OpenSSL sees it. */

static int
socket_write(BIO *b, const char *at, int len)
{
	struct link_tls_session *e = BIO_get_data(b);
	ssize_t n = link_socket_write(e->fd, at, (size_t)len);

	BIO_clear_retry_flags(b);
	if (n < 0 && errno == EAGAIN)
		BIO_set_retry_write(b);
	else if (n < 0)
		e->error = errno;
	return (int)n;
}

static int
socket_read(BIO *b, char *at, int size)
{
	struct link_tls_session *e = BIO_get_data(b);
	ssize_t n = link_socket_read(e->fd, at, (size_t)size);

	BIO_clear_retry_flags(b);
	if (n < 0 && errno == EAGAIN)
		BIO_set_retry_read(b);
	else if (n < 0)
		e->error = errno;
	else if (n == 0)
		e->eof = true;
	return (int)n;
}

static long
socket_control(BIO *b, int what, long number, void *at)
{
	const struct link_tls_session *e = BIO_get_data(b);

	(void)number;
	(void)at;
	switch (what) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_EOF:
		return e->eof;
	default:
		return 0;
	}
}

static BIO_METHOD *
new_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "link");

	if (m == NULL)
		return NULL;
	BIO_meth_set_write(m, socket_write);
	BIO_meth_set_read(m, socket_read);
	BIO_meth_set_ctrl(m, socket_control);
	return m;
}

/* Why OpenSSL's last call failed: what it found first. */
static const char *
reason(void)
{
	unsigned long code = ERR_get_error();
	const char *why = code == 0 ? NULL : ERR_reason_error_string(code);

	ERR_clear_error();
	return why != NULL ? why : "unknown reason";
}

/* What connections have in common. */

/* OpenSSL does not say well what keeps it from a file. */
static int
check_readable(const char *file, struct err *err)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return err_errno(err, "%s", file);
	close(fd);
	return 0;
}

static int
load_trust(struct link_tls *t, struct err *err)
{
	const char *file = t->s->ca_file;

	if (!t->s->verify)
		return 0;
	SSL_CTX_set_verify(t->context, SSL_VERIFY_PEER, NULL);
	if (file == NULL) {
		if (SSL_CTX_set_default_verify_paths(t->context) != 1)
			return err_set(err,
			    "the certificates that the system trusts: %s",
			    reason());
		return 0;
	}
	if (check_readable(file, err) != 0)
		return -1;
	if (SSL_CTX_load_verify_locations(t->context, file, NULL) != 1)
		return err_set(
		    err, "%s: no certificates in PEM: %s", file, reason());
	return 0;
}

/* Nobody is there to be asked for a passphrase. */
static int
no_passphrase(char *at, int size, int encrypts, void *data)
{
	(void)at;
	(void)size;
	(void)encrypts;
	(void)data;
	return -1;
}

static int
load_certificate(struct link_tls *t, struct err *err)
{
	const char *file = t->s->cert_file;

	if (check_readable(file, err) != 0)
		return -1;
	if (SSL_CTX_use_certificate_chain_file(t->context, file) != 1)
		return err_set(
		    err, "%s: no certificate in PEM: %s", file, reason());
	return 0;
}

static int
load_key(struct link_tls *t, struct err *err)
{
	const char *certificate = t->s->cert_file;
	const char *file =
	    t->s->key_file != NULL ? t->s->key_file : certificate;
	const SSL_CTX *context = t->context;

	if (check_readable(file, err) != 0)
		return -1;
	SSL_CTX_set_default_passwd_cb(t->context, no_passphrase);
	if (SSL_CTX_use_PrivateKey_file(t->context, file, SSL_FILETYPE_PEM) !=
	    1) {
		unsigned long code = ERR_peek_error();

		if (ERR_GET_LIB(code) == ERR_LIB_X509)
			return err_set(err, "%s does not fit %s: %s", file,
			    certificate, reason());
		return err_set(err,
		    "%s: no key in PEM without a passphrase: %s", file,
		    reason());
	}
	if (SSL_CTX_check_private_key(context) != 1)
		return err_set(
		    err, "%s does not fit %s: %s", file, certificate, reason());
	return 0;
}

static int
prepare(struct link_tls *t, struct err *err)
{
	const struct sink_settings *s = t->s;

	if (t->context == NULL || t->method == NULL || t->name == NULL ||
	    SSL_CTX_set_min_proto_version(t->context, TLS1_2_VERSION) != 1)
		return err_set(err, "TLS: %s", reason());
	SSL_CTX_set_options(t->context, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(t->context, SSL_MODE_RELEASE_BUFFERS);
	if (load_trust(t, err) != 0)
		return -1;
	if (s->cert_file == NULL)
		return 0;
	return load_certificate(t, err) != 0 || load_key(t, err) != 0 ? -1 : 0;
}

/* Without the dot at the end that says a name is whole: no certificate has
 * it. */
static char *
name_of(const struct sink_settings *s)
{
	const char *name = s->verify_name != NULL ? s->verify_name : s->host;
	size_t len = strlen(name);

	return strndup(name, len > 1 && name[len - 1] == '.' ? len - 1 : len);
}

struct link_tls *
link_tls_new(const struct sink_settings *s, struct err *err)
{
	struct link_tls *t = calloc(1, sizeof(*t));

	if (t == NULL) {
		err_errno(err, "TLS");
		return NULL;
	}
	ERR_clear_error();
	t->s = s;
	t->name = name_of(s);
	t->context = SSL_CTX_new(TLS_client_method());
	t->method = new_method();
	if (prepare(t, err) != 0) {
		link_tls_free(t);
		return NULL;
	}
	return t;
}

void
link_tls_free(struct link_tls *t)
{
	if (t == NULL)
		return;
	SSL_CTX_free(t->context);
	BIO_meth_free(t->method);
	free(t->name);
	free(t);
}

/* One connection. */

/* A number is looked for among the certificate's, and not told beforehand. */
static bool
expect_name(SSL *ssl, char *name)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	if (X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1)
		return true;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, name) == 1 &&
	       SSL_set_tlsext_host_name(ssl, name) == 1;
}

static bool
attach(struct link_tls_session *e, const struct link_tls *t)
{
	BIO *bio;

	e->ssl = SSL_new(t->context);
	if (e->ssl == NULL || !expect_name(e->ssl, t->name))
		return false;
	bio = BIO_new(t->method);
	if (bio == NULL)
		return false;
	BIO_set_data(bio, e);
	BIO_set_init(bio, 1);
	SSL_set_bio(e->ssl, bio, bio);
	SSL_set_connect_state(e->ssl);
	ERR_clear_error();
	return true;
}

struct link_tls_session *
link_tls_open(struct link_tls *t, int fd, struct err *err)
{
	struct link_tls_session *e = calloc(1, sizeof(*e));

	if (e == NULL) {
		err_errno(err, "TLS");
		return NULL;
	}
	e->tls = t;
	e->fd = fd;
	ERR_clear_error();
	if (!attach(e, t)) {
		err_set(err, "TLS: %s", reason());
		SSL_free(e->ssl);
		free(e);
		return NULL;
	}
	return e;
}

void
link_tls_close(struct link_tls_session *e)
{
	if (e == NULL)
		return;
	ERR_clear_error();
	if (!e->over && e->staged == 0 && SSL_is_init_finished(e->ssl))
		SSL_shutdown(e->ssl);
	ERR_clear_error();
	SSL_free(e->ssl);
	free(e);
}

static int
say_unverified(const struct link_tls_session *e, long result, struct err *err)
{
	const char *why = X509_verify_cert_error_string(result);

	if (result == X509_V_ERR_HOSTNAME_MISMATCH ||
	    result == X509_V_ERR_IP_ADDRESS_MISMATCH)
		return err_set(err,
		    "certificate verify failed: %s: it is not for %s", why,
		    e->tls->name);
	return err_set(err, "certificate verify failed: %s", why);
}

/* Returns -1, with err. */
static int
fail(struct link_tls_session *e, int code, struct err *err)
{
	long result = SSL_get_verify_result(e->ssl);

	e->over = true;
	if (e->tls->s->verify && result != X509_V_OK) {
		say_unverified(e, result, err);
	} else if (e->error != 0) {
		err_set(err, "%s", strerror(e->error));
	} else if (e->eof || code == SSL_ERROR_ZERO_RETURN) {
		err_set(err, "closed by the receiver");
	} else {
		err_set(err, "%s", reason());
	}
	ERR_clear_error();
	return -1;
}

/*
 * After a call that returned got: 0: it waits, for that which is in *waits; -1
 * with err: it failed.
 */
static int
see(struct link_tls_session *e, int got, enum waits *waits, struct err *err)
{
	int code = SSL_get_error(e->ssl, got);

	switch (code) {
	case SSL_ERROR_WANT_READ:
		*waits = WAITS_READ;
		return 0;
	case SSL_ERROR_WANT_WRITE:
		*waits = WAITS_WRITE;
		return 0;
	default:
		return fail(e, code, err);
	}
}

int
link_tls_shake(struct link_tls_session *e, struct err *err)
{
	int got;

	ERR_clear_error();
	e->reading = WAITS_NOT;
	got = SSL_do_handshake(e->ssl);
	return got == 1 ? 1 : see(e, got, &e->reading, err);
}

/*
 * A receiver that refuses us says so before it closes, with TLS 1.3 only after
 * the handshake: a write may fail before that was read. Leaves OpenSSL's reason
 * instead of the socket's if there is one.
 */
static void
hear_farewell(struct link_tls_session *e)
{
	int error = e->error;
	char byte;
	int got;

	e->error = 0;
	ERR_clear_error();
	got = SSL_read(e->ssl, &byte, sizeof(byte));
	if (SSL_get_error(e->ssl, got) != SSL_ERROR_SSL || e->eof)
		e->error = error;
}

int
link_tls_flush(struct link_tls_session *e, struct err *err)
{
	int got;

	if (e->staged == 0)
		return 0;
	ERR_clear_error();
	e->writing = WAITS_NOT;
	got = SSL_write(e->ssl, e->stage, (int)e->staged);
	if (got > 0) {
		e->staged = 0;
		return 0;
	}
	if (e->error == 0)
		return see(e, got, &e->writing, err);
	hear_farewell(e);
	return fail(e, SSL_ERROR_SYSCALL, err);
}

ssize_t
link_tls_write(
    struct link_tls_session *e, const void *at, size_t len, struct err *err)
{
	if (link_tls_flush(e, err) != 0)
		return -1;
	if (e->staged > 0)
		return 0;
	if (len > sizeof(e->stage))
		len = sizeof(e->stage);
	memcpy(e->stage, at, len);
	e->staged = len;
	return link_tls_flush(e, err) == 0 ? (ssize_t)len : -1;
}

ssize_t
link_tls_read(
    struct link_tls_session *e, void *at, size_t size, struct err *err)
{
	int got;

	ERR_clear_error();
	e->reading = WAITS_NOT;
	got = SSL_read(e->ssl, at, size < INT_MAX ? (int)size : INT_MAX);
	return got > 0 ? got : see(e, got, &e->reading, err);
}

size_t
link_tls_staged(const struct link_tls_session *e)
{
	return e->staged;
}

bool
link_tls_wants_write(const struct link_tls_session *e)
{
	return e->reading == WAITS_WRITE || e->writing == WAITS_WRITE;
}

bool
link_tls_has_read(const struct link_tls_session *e)
{
	return SSL_pending(e->ssl) > 0;
}
