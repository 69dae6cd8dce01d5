/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin in C99 that plans one greeting and cannot make it: the least that a host accepts. */
#include <skw/plugin.h>

#include <string.h>

static char only_instance;

static skw_status answer(const skw_sink *out, const char *json)
{
    return out->write(out->ctx, json, strlen(json));
}

static skw_status SKW_CALL describe(skw_call *c, const skw_sink *out)
{
    (void)c;
    return answer(out, "{\"schema\":\"skw.describe/1\",\"kinds\":[{\"name\":\"hello-c\",\"title\":\"Hello\","
                       "\"summary\":\"a greeting\",\"entry_schema\":{}}]}");
}

static skw_status SKW_CALL create(skw_call *c, const char *kind, uint64_t kind_len, const char *config,
                                  uint64_t config_len, skw_instance **out)
{
    static const char reason[] = "this plugin makes hello-c only";
    (void)config;
    (void)config_len;
    *out = NULL;
    if (kind_len != 7 || memcmp(kind, "hello-c", 7) != 0) {
        return c->host->fail(c, SKW_E_BAD_ARGUMENT, reason, sizeof reason - 1, "", 0);
    }
    *out = (skw_instance *)&only_instance;
    return SKW_OK;
}

static void SKW_CALL destroy(skw_instance *self)
{
    (void)self;
}

static skw_status SKW_CALL validate(skw_instance *self, skw_call *c, const char *entry, uint64_t len,
                                    const skw_sink *out)
{
    (void)self;
    (void)c;
    (void)entry;
    (void)len;
    return answer(out, "{\"schema\":\"skw.findings/1\",\"items\":[]}");
}

static skw_status SKW_CALL plan(skw_instance *self, skw_call *c, const char *request, uint64_t len,
                                const skw_sink *out)
{
    (void)self;
    (void)c;
    (void)request;
    (void)len;
    return answer(out, "{\"schema\":\"skw.plan/1\",\"kind\":\"hello-c\",\"configured\":true,"
                       "\"summary\":[{\"label\":\"greeting\",\"value\":\"hello from C\"}],"
                       "\"inputs\":[],\"outputs\":[],\"steps\":[],"
                       "\"target\":{\"repo\":\"example/hello\",\"commit_message\":\"Say hello\"},"
                       "\"card\":{\"artifact_type\":\"hello\",\"target_model\":\"example/model\","
                       "\"source_repo\":\"example/model\",\"about\":\"\",\"usage\":\"\"}}");
}

static const skw_artifact artifact = {
    {sizeof(skw_artifact), SKW_ABI_MINOR}, describe, create, destroy, validate, NULL, plan, NULL, NULL,
};

static const skw_table *SKW_CALL get_interface(const char *id, uint64_t len)
{
    return len == 14 && memcmp(id, "skw.artifact/1", 14) == 0 ? &artifact.head : NULL;
}

static const skw_plugin root = {
    {sizeof(skw_plugin), SKW_ABI_MINOR},
    SKW_ABI_MAJOR,
    SKW_ABI_MINOR,
    SKW_TARGET_MINOR,
    0,
    0,
    0,
    {SKW_PLUGIN_ID, sizeof SKW_PLUGIN_ID - 1},
    {SKW_PLUGIN_VERSION, sizeof SKW_PLUGIN_VERSION - 1},
    get_interface,
};

skw_status SKW_CALL skw_plugin_entry_v1(const skw_host_info *host, const skw_plugin **out)
{
    const int fits = host->abi_major == root.abi_major && host->abi_minor >= root.min_host_minor;
    *out = fits ? &root : NULL;
    return fits ? SKW_OK : SKW_E_UNSUPPORTED;
}

/* Not part of the interface: the build must keep it inside, whatever its visibility. */
__attribute__((visibility("default"))) int hello_helper(void);
int hello_helper(void)
{
    return 1;
}
