// The rules that were set at run time, in a file of the folder: a line each, the pattern and its limits, in their order.
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../../log/log.js";
import { checkRule, inOneLine, type Layered, lineOf, type RetentionRule, type RetentionRules } from "../rules.js";
import { isMissing } from "./failure.js";

/** @param log told of lines that are not understood; they count for nothing, and go with the next change */
export async function openRules(folder: string, layers: Layered, log: Log): Promise<RetentionRules> {
  const file = join(folder, "retention");
  let rules = await load(file, log);
  layers.set(rules);
  let turn: Promise<unknown> = Promise.resolve();

  async function set(rule: RetentionRule): Promise<void> {
    checkRule(rule, rules);
    const others = rules.filter(({ pattern }) => pattern !== rule.pattern);
    const next = rule.limits === "" ? others : [...others, rule];
    await writeFile(`${file}.new`, next.map((each) => `${lineOf(each)}\n`).join(""), { flush: true });
    await rename(`${file}.new`, file);
    rules = next;
    layers.set(rules);
  }

  return {
    list: async () => rules,
    set(pattern, limits) {
      const done = turn.then(() => set({ pattern, limits: inOneLine(limits) }));
      turn = done.catch(() => undefined);
      return done;
    },
  };
}

async function load(file: string, log: Log): Promise<readonly RetentionRule[]> {
  const text = await readFile(file, "utf8").catch((error) => {
    if (isMissing(error)) return "";
    throw error;
  });
  const rules: RetentionRule[] = [];
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const [, pattern = "", limits = ""] = /^(\S+) (.+)$/.exec(line) ?? [];
    try {
      checkRule({ pattern, limits }, rules);
      rules.push({ pattern, limits });
    } catch {
      log.warn({}, `${file}: ${JSON.stringify(line)} is no rule of retention`);
    }
  }
  return rules;
}
