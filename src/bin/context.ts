// reprise context: brokers by name, so that their addresses need not be typed.
import { resolve } from "node:path";
import { Argument, Command, InvalidArgumentError } from "commander";
import { originOf } from "./choice.js";
import { contextsFile, findContext, readContexts, writeContexts } from "./contexts.js";
import { type BrokerChoice, broker, insecureFlag, serverFlag, tokenFlag, withOptions } from "./options.js";
import { note, print } from "./output.js";
import { describeTls, type TlsFlags, tlsFlags, tlsOf, withFullPaths } from "./tls-flags.js";

const precedence = `
Which broker a command talks to, the first of these that is there:
  --server, --context, REPRISE_SERVER, REPRISE_CONTEXT, the context in use, 127.0.0.1:50051`;

export function contextCommand(): Command {
  const command = new Command("context").summary("name brokers, and choose one").description("Names for brokers.");
  for (const subcommand of [add(), list(), use(), remove(), show()]) {
    command.addCommand(subcommand.addHelpText("after", precedence));
  }
  return command;
}

const name = () => new Argument("<NAME>", "name of the context").argParser(parseName);

function parseName(text: string): string {
  if (/^[A-Za-z0-9][\w.-]{0,63}$/.test(text)) return text;
  throw new InvalidArgumentError("Expected up to 64 of A-Z a-z 0-9 . _ -, the first a letter or a digit.");
}

const add = (): Command =>
  withOptions(new Command("add"), [serverFlag().makeOptionMandatory(), tokenFlag(), ...tlsFlags(), insecureFlag()])
    .summary("add a context, or change it")
    .description("Adds a context, or replaces the one of this name.")
    .addArgument(name())
    .action((name: string, { server, tokenFile, insecure, ...flags }: Omit<BrokerChoice, "tls"> & TlsFlags) => {
      const contexts = readContexts();
      const tls = tlsOf(flags);
      contexts.byName.set(name, {
        server,
        ...(tokenFile !== undefined && { tokenFile: resolve(tokenFile) }),
        ...(tls && { tls: withFullPaths(tls) }),
        ...(insecure && { insecure }),
      });
      writeContexts(contexts);
      if (contexts.current !== name) note(`to use it: reprise context use ${name}, or --context ${name}`);
    });

const list = (): Command =>
  new Command("list").summary("list the contexts").action(async () => {
    const { current, byName } = readContexts();
    for (const [name, { server, tls }] of byName) {
      const security = tls === undefined ? "" : " TLS";
      await print(`${name === current ? "*" : " "} ${name.padEnd(16)} ${server.join(",")}${security}`);
    }
  });

const use = (): Command =>
  new Command("use")
    .summary("use a context from now on")
    .addArgument(name())
    .action((name: string) => {
      const contexts = readContexts();
      findContext(contexts, name);
      writeContexts({ ...contexts, current: name });
    });

const remove = (): Command =>
  new Command("remove")
    .summary("remove a context")
    .addArgument(name())
    .action((name: string) => {
      const contexts = readContexts();
      findContext(contexts, name);
      contexts.byName.delete(name);
      if (contexts.current === name) {
        contexts.current = undefined;
        note("no context is in use any more");
      }
      writeContexts(contexts);
    });

const show = (): Command =>
  withOptions(new Command("show"), broker())
    .summary("show which broker a command would talk to, and why")
    .action(async ({ server, tokenFile, tls }: BrokerChoice, command: Command) => {
      await print(`server ${server.join(",")}`);
      if (tokenFile !== undefined) await print(`token in ${tokenFile}`);
      await print(`from ${originOf(command)}`);
      await print(`by ${describeTls(tls)}`);
      await print(`contexts in ${contextsFile()}`);
    });
