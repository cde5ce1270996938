/* Randomness, and the reference ids that are made of it. */
#ifndef EKO_RANDOM_H
#define EKO_RANDOM_H

#include "base/compat.h"

#pragma GCC visibility push(hidden)

/* Adds random, random_bytes, ref_id to the table on top. */
void eko_open_random(lua_State *L);

/* text.ref_id. Given in place of a client_ref_id it asks a draft for a new one. */
int eko_ref_id(lua_State *L);

/* What references are drawn from: a userdata, which the registry holds under this name. */
#define EKO_REFERENCES "eko.references"
typedef struct eko_references eko_references;

/* Pushes a new reference, of now. Raises when there is no randomness. */
void eko_push_reference(lua_State *L, eko_references *r);

#pragma GCC visibility pop

#endif
