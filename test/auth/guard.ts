// A guard over files of its own, for a test: static tokens of names, and a policy that a test may write anew.

import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createToken, type GuardOptions, type OpenGuard, openGuard } from "../../src/auth/index.js";
import { type T, temporaryFolder } from "../harness.js";
import { collect } from "../log.js";

export interface TestGuard {
  readonly guard: OpenGuard;
  /** Everything that it logged. */
  readonly lines: string[];
  /** Of somebody who may do everything. */
  readonly root: string;
  readonly tokenFile: string;
  /** A new token of an identity. */
  tokenOf(name: string, expiresAt?: Date): string;
  /** Resolves when the policy is that of the text, for which it is written. */
  setPolicy(text: string): Promise<void>;
  /** Resolves when files have been read again. */
  changed(): Promise<void>;
}

const rootPolicy = `
  root: { rules: [{ allow: all, channels: "*" }] }
`;

/** @param policy what stands below `identities`, and what else follows */
export function testGuard(t: T, policy: string, options: Partial<GuardOptions> = {}): TestGuard {
  const folder = temporaryFolder(t);
  const [tokenFile, policyFile] = [join(folder, "tokens"), join(folder, "policy.yaml")];
  const lines: string[] = [];
  const issued: string[] = [];
  const tokenOf = (name: string, expiresAt?: Date) => {
    const { token, line } = createToken(name, expiresAt);
    appendFileSync(tokenFile, `${line}\n`);
    issued.push(token);
    return token;
  };
  const textOf = (text: string) => `identities:${rootPolicy}${text}`;
  const root = tokenOf("root");
  writeFileSync(policyFile, textOf(policy));
  const log = collect(lines);
  const guard = openGuard({ tokens: tokenFile, policy: policyFile, log, everyMs: 10, ...options });
  t.after(() => {
    guard.close();
    for (const line of lines) {
      if (issued.some((token) => line.includes(token))) throw new Error("a token was logged");
    }
  });
  const changed = () =>
    new Promise<void>((resolve) => {
      const ignore = guard.onChange(() => {
        ignore();
        resolve();
      });
    });
  return {
    guard,
    lines,
    root,
    tokenFile,
    tokenOf,
    changed,
    setPolicy(text) {
      const done = changed();
      writeFileSync(policyFile, textOf(text));
      return done;
    },
  };
}
