/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acct_record.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads the input as the tail does: record by record, resynchronising. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	while (size >= ACCT_RECORD_SIZE) {
		unsigned char record[ACCT_RECORD_SIZE];
		struct fact fact;
		size_t step = ACCT_RECORD_SIZE;

		memcpy(record, data, sizeof(record));
		switch (acct_record_decode(record, &fact)) {
		case ACCT_OK:
			if (fact.pid <= 0 || fact.ppid < 0 ||
			    fact.comm.len >= 16)
				abort();
			break;
		case ACCT_BAD:
			step = acct_record_resync(data, size);
			if (step == 0 || step > size)
				abort();
			break;
		case ACCT_OLD_VERSION:
			break;
		}
		data += step;
		size -= step;
	}
	return 0;
}
