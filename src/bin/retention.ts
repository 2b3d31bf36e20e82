// reprise retention: how much channels keep, changed while nodes run.
import { Command } from "commander";
import type { RetentionRule } from "../client/index.js";
import { dial } from "./dial.js";
import { type BrokerChoice, broker, withOptions } from "./options.js";
import { print } from "./output.js";

export const retentionCommand = (): Command =>
  withOptions(new Command("retention"), broker())
    .summary("change how much channels keep, at run time")
    .description(
      "Lists the rules of retention that were set at run time. They are kept by the store, hold for all nodes that share it, " +
        "and come on top of what the nodes are configured with (--retain).",
    )
    .action((given: BrokerChoice) => withRules(given))
    .addCommand(
      withOptions(new Command("set"), broker())
        .description(
          "Sets the rule of a channel or a pattern: messages=N, bytes=N[KiB|MiB|GiB], age=N(m|h|d), or none for each.",
        )
        .argument("<PATTERN>")
        .argument("<LIMIT...>")
        .action((pattern: string, limits: string[], given: BrokerChoice) =>
          withRules(given, pattern, limits.join(" ")),
        ),
    )
    .addCommand(
      withOptions(new Command("unset"), broker())
        .description("Takes the rule of a channel or a pattern away.")
        .argument("<PATTERN>")
        .action((pattern: string, given: BrokerChoice) => withRules(given, pattern, "")),
    );

/** Changes the rule, if one is named, and prints them all, one a line. */
async function withRules(given: BrokerChoice, pattern?: string, limits = ""): Promise<void> {
  const bus = await dial(given);
  try {
    const rules: RetentionRule[] =
      pattern === undefined ? await bus.admin.retention() : await bus.admin.setRetention(pattern, limits);
    for (const rule of rules) await print(`${rule.pattern} ${rule.limits}`);
  } finally {
    await bus.close({ timeoutMs: 0 });
  }
}
