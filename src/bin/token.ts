// reprise token: makes static tokens, and shows what a token says.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { Argument, Command, InvalidArgumentError, Option } from "commander";
import type { Inspected } from "../auth/index.js";
import { Exit, exitCodes } from "./exit.js";
import { tokenFlag, withOptions } from "./options.js";
import { note, print } from "./output.js";
import { type JwtFlags, jwtOf, jwtOptions } from "./serve-auth.js";
import { tokenOf } from "./token-source.js";

export const tokenCommand = (): Command =>
  new Command("token")
    .summary("make and look at tokens")
    .description("Tokens by which a broker recognizes its peers.")
    .addCommand(create())
    .addCommand(inspect());

const create = (): Command =>
  withOptions(new Command("create"), [
    new Option("--append <FILE>", "add the line to the file of hashed tokens, which only its owner may read"),
    new Option("--expires <TIME>", "until when it is good, for example 2027-01-31").argParser(parseTime),
  ])
    .summary("make a static token")
    .description(
      "Prints a new token, once, and the line for the file of --auth-tokens. The line is no secret: of it nobody can " +
        "make the token.",
    )
    .addArgument(new Argument("<NAME>", "the identity that the token proves"))
    .action(createOne);

function parseTime(text: string): Date {
  const time = new Date(text);
  if (!Number.isNaN(time.getTime()) && time.getTime() > Date.now()) return time;
  throw new InvalidArgumentError("Expected a time to come, such as 2027-01-31 or 2027-01-31T12:00:00Z.");
}

async function createOne(name: string, { append, expires }: { append?: string; expires?: Date }): Promise<void> {
  const { createToken } = await import("../auth/index.js");
  const { token, line } = createToken(name, expires);
  if (append !== undefined) appendLine(append, line);
  else note(`the line for the file of --auth-tokens:\n${line}\n\nthe token, which is not shown again:`);
  await print(token);
}

function appendLine(path: string, line: string): void {
  try {
    // Who may read one that is there was decided by whoever made it: of tokens it holds hashes.
    const before = existsSync(path) ? readFileSync(path, "utf8") : "";
    appendFileSync(path, `${before === "" || before.endsWith("\n") ? "" : "\n"}${line}\n`, { mode: 0o600 });
  } catch (thrown) {
    throw new Exit(exitCodes.failed, `cannot write ${path}: ${(thrown as Error).message}`);
  }
}

const inspect = (): Command =>
  withOptions(new Command("inspect"), [
    tokenFlag().env("REPRISE_TOKEN_FILE"),
    new Option("--auth-tokens <FILE>", "file of hashed tokens to look for it").env("REPRISE_AUTH_TOKENS"),
    ...jwtOptions(),
  ])
    .summary("show what a token says")
    .description(
      "Shows what the token in --token-file, or REPRISE_TOKEN, says. Whether it is true is only checked with keys, or a " +
        "file of hashed tokens. The token itself is not shown.",
    )
    .action(inspectOne);

interface InspectOptions extends JwtFlags {
  tokenFile?: string;
  authTokens?: string;
}

async function inspectOne(given: InspectOptions): Promise<void> {
  const source = tokenOf(given.tokenFile);
  const token = typeof source === "function" ? await read(source) : source;
  if (token === undefined) throw new Exit(exitCodes.usage, "which token? Use --token-file, or REPRISE_TOKEN");
  const { inspectToken } = await import("../auth/index.js");
  const inspected = await inspectToken(token, { tokens: given.authTokens, jwt: jwtOf(given) });
  for (const line of linesOf(inspected)) await print(line);
  if (isBad(inspected, given)) throw new Exit(exitCodes.failed, "");
}

/** As far as it can be said with what is given. */
function isBad(inspected: Inspected, { authTokens }: InspectOptions): boolean {
  if (inspected.kind === "jwt") return Boolean(inspected.verified);
  const { name, expiresAt = Number.POSITIVE_INFINITY } = inspected;
  return (authTokens !== undefined && name === undefined) || expiresAt <= Date.now();
}

async function read(source: () => string | Promise<string>): Promise<string> {
  try {
    return await source();
  } catch (thrown) {
    throw new Exit(exitCodes.failed, `cannot read the token: ${(thrown as Error).message}`);
  }
}

function linesOf(inspected: Inspected): string[] {
  const expiry = expiryLine(inspected.expiresAt);
  if (inspected.kind === "static") {
    return inspected.name === undefined
      ? ["a static token", "identity: not known (with --auth-tokens FILE it is looked for there)"]
      : ["a static token", `identity: ${inspected.name}`, expiry];
  }
  const { header, claims, verified } = inspected;
  return [
    `header: ${JSON.stringify(header)}`,
    `claims: ${JSON.stringify(claims)}`,
    expiry,
    verified === undefined ? "not verified: no keys were given" : verified === "" ? "valid" : `NOT VALID: ${verified}`,
  ];
}

function expiryLine(expiresAt: number | undefined): string {
  if (expiresAt === undefined || expiresAt === Number.POSITIVE_INFINITY) return "expires: never";
  if (Number.isNaN(new Date(expiresAt).getTime())) return "expires: past all dates";
  const left = Math.round((expiresAt - Date.now()) / 1_000);
  return `expires: ${new Date(expiresAt).toISOString()} (${left < 0 ? `${-left} s ago` : `in ${left} s`})`;
}
