/* SPDX-License-Identifier: Apache-2.0 */
/* Proof at compile time that the tables of skw/plugin.h lie where every released version has them. Offsets
 * count bytes where a pointer has 8; there is no padding. Made by sdk/abi/generate.py from lifecycle.json. */
#ifndef SKW_PLUGIN_LAYOUT_H
#define SKW_PLUGIN_LAYOUT_H

#if defined(__cplusplus)
#define SKW_ASSERT(name, condition) static_assert(condition, #name)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define SKW_ASSERT(name, condition) _Static_assert(condition, #name)
#else
#define SKW_ASSERT(name, condition) typedef char skw_assert_##name[(condition) ? 1 : -1]
#endif

#define SKW_SIZE(type, bytes) SKW_ASSERT(size_of_##type, sizeof(void *) != 8 || sizeof(type) == (bytes))
#define SKW_AT(type, member, bytes)                                                                         \
    SKW_ASSERT(type##_##member, sizeof(void *) != 8 || offsetof(type, member) == (bytes))

SKW_AT(skw_text, ptr, 0);
SKW_AT(skw_text, len, 8);
SKW_SIZE(skw_text, 16);

SKW_AT(skw_table, struct_size, 0);
SKW_AT(skw_table, table_minor, 4);
SKW_SIZE(skw_table, 8);

SKW_AT(skw_sink, ctx, 0);
SKW_AT(skw_sink, write, 8);
SKW_SIZE(skw_sink, 16);

SKW_AT(skw_call, host, 0);
SKW_SIZE(skw_call, 8);

SKW_AT(skw_host_info, head, 0);
SKW_AT(skw_host_info, abi_major, 8);
SKW_AT(skw_host_info, abi_minor, 10);
SKW_AT(skw_host_info, flags, 12);
SKW_AT(skw_host_info, name, 16);
SKW_AT(skw_host_info, version, 32);
SKW_SIZE(skw_host_info, 48);

SKW_AT(skw_host_core, head, 0);
SKW_AT(skw_host_core, log, 8);
SKW_AT(skw_host_core, fail, 16);
SKW_AT(skw_host_core, progress, 24);
SKW_AT(skw_host_core, cancelled, 32);
SKW_AT(skw_host_core, cancel_fd, 40);
SKW_AT(skw_host_core, service, 48);
SKW_SIZE(skw_host_core, 56);

SKW_AT(skw_hub, head, 0);
SKW_AT(skw_hub, stat, 8);
SKW_AT(skw_hub, open_read, 16);
SKW_AT(skw_hub, open_write, 24);
SKW_AT(skw_hub, read, 32);
SKW_AT(skw_hub, read_at, 40);
SKW_AT(skw_hub, write, 48);
SKW_AT(skw_hub, put_file, 56);
SKW_AT(skw_hub, finish, 64);
SKW_AT(skw_hub, close, 72);
SKW_AT(skw_hub, list, 80);
SKW_AT(skw_hub, mirror, 88);
SKW_AT(skw_hub, fetch, 96);
SKW_SIZE(skw_hub, 104);

SKW_AT(skw_scratch, head, 0);
SKW_AT(skw_scratch, path, 8);
SKW_AT(skw_scratch, quota, 16);
SKW_AT(skw_scratch, keep, 24);
SKW_AT(skw_scratch, folder, 32);
SKW_AT(skw_scratch, hash, 40);
SKW_SIZE(skw_scratch, 48);

SKW_AT(skw_lines, ctx, 0);
SKW_AT(skw_lines, line, 8);
SKW_SIZE(skw_lines, 16);

SKW_AT(skw_process, head, 0);
SKW_AT(skw_process, run, 8);
SKW_SIZE(skw_process, 16);

SKW_AT(skw_card, head, 0);
SKW_AT(skw_card, merge, 8);
SKW_AT(skw_card, add_note, 16);
SKW_SIZE(skw_card, 24);

SKW_AT(skw_probe, head, 0);
SKW_AT(skw_probe, ask, 8);
SKW_SIZE(skw_probe, 16);

SKW_AT(skw_artifact, head, 0);
SKW_AT(skw_artifact, describe, 8);
SKW_AT(skw_artifact, create, 16);
SKW_AT(skw_artifact, destroy, 24);
SKW_AT(skw_artifact, validate, 32);
SKW_AT(skw_artifact, doctor, 40);
SKW_AT(skw_artifact, plan, 48);
SKW_AT(skw_artifact, execute, 56);
SKW_AT(skw_artifact, inspect, 64);
SKW_SIZE(skw_artifact, 72);

SKW_AT(skw_plugin, head, 0);
SKW_AT(skw_plugin, abi_major, 8);
SKW_AT(skw_plugin, abi_minor, 10);
SKW_AT(skw_plugin, min_host_minor, 12);
SKW_AT(skw_plugin, reserved0, 14);
SKW_AT(skw_plugin, flags, 16);
SKW_AT(skw_plugin, reserved1, 20);
SKW_AT(skw_plugin, id, 24);
SKW_AT(skw_plugin, version, 40);
SKW_AT(skw_plugin, get_interface, 56);
SKW_SIZE(skw_plugin, 64);

#undef SKW_AT
#undef SKW_SIZE
#undef SKW_ASSERT

#endif /* SKW_PLUGIN_LAYOUT_H */
