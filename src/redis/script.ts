// A Lua script: what Redis does in one piece, without anybody else in between.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Client } from "./client.js";

export type Argument = string | number | Buffer;

/**
 * Runs a script by its hash, and in full where the server does not know it yet. A cluster is asked at the node of the
 * keys, which all have one hash tag.
 */
export type Script<Answer> = (client: Client, keys: readonly string[], args: readonly Argument[]) => Promise<Answer>;

/**
 * @param file a URL beside the module that uses it: `new URL("./append.lua", import.meta.url)`
 * @param flags of the script, which Redis knows from 7.0 on
 */
export function loadScript<Answer>(file: URL, flags?: string): Script<Answer> {
  const text = `${flags ? `#!lua flags=${flags}\n` : ""}${readFileSync(file, "utf8")}`;
  const hash = createHash("sha1").update(text).digest("hex");
  return async (client, keys, args) => {
    try {
      return (await client.evalsha(hash, keys.length, ...keys, ...args)) as Answer;
    } catch (error) {
      // The server has restarted, or it is another one. Nothing was executed.
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return (await client.eval(text, keys.length, ...keys, ...args)) as Answer;
    }
  };
}
