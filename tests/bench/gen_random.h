/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gen_random - the generator's own random numbers (splitmix64), so that a seed
 * gives the same bytes on every machine. Integers only, for the same reason.
 */
#ifndef GEN_RANDOM_H
#define GEN_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t state; /* any value is a good seed */
};

static inline uint64_t
rng_next(struct rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* 0 to n - 1; n must not be 0. */
static inline uint32_t
rng_below(struct rng *r, uint32_t n)
{
	return (uint32_t)(((rng_next(r) >> 32) * n) >> 32);
}

/* low to high, both included. */
static inline uint32_t
rng_between(struct rng *r, uint32_t low, uint32_t high)
{
	return low + rng_below(r, high - low + 1);
}

static inline bool
rng_chance(struct rng *r, uint32_t per_mille)
{
	return rng_below(r, 1000) < per_mille;
}

/*
 * From 1 to high, where 1 to 2 is as likely as 1000 to 2000: times and sizes
 * in a real system spread like that.
 */
static inline uint32_t
rng_spread(struct rng *r, uint32_t high)
{
	uint32_t octaves = 0;
	uint32_t n;

	while ((high >> octaves) > 1)
		octaves++;
	n = 1U << rng_below(r, octaves + 1);
	n += rng_below(r, n);
	return n < high ? n : high;
}

#endif
