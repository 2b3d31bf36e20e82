// docs/configuration.md, made from the table of options.
import type { Option } from "commander";
import { keyOf, variableOf } from "./config-file.js";
import { isReloaded } from "./settings.js";
import { isSwitch } from "./switches.js";

const stated = / \(default: (.*)\)$/;

/** For people; empty: there is none. */
export function defaultOf(option: Option): string {
  const { defaultValueDescription, defaultValue, description } = option;
  const text = defaultValueDescription ?? stated.exec(description)?.[1];
  if (text !== undefined) return text;
  if (isSwitch(option)) return String(option.negate);
  return defaultValue === undefined ? "" : String(defaultValue);
}

/** @param options those of serve */
export function configurationPage(options: readonly Option[]): string {
  const rows = options.filter((option) => option.attributeName() !== "config").map(rowOf);
  return page.replace("TABLE", () => rows.join("\n"));
}

function rowOf(option: Option): string {
  const key = keyOf(option);
  const value = isSwitch(option) ? "true, false" : / (.*)$/.exec(option.flags)![1]!;
  const what = option.description.replace(stated, "");
  const turned = option.negate ? `${what.replace(/^do not /, "")}; the flag turns it off` : what;
  const meaning = isReloaded(key) ? `${turned}; read again on SIGHUP` : turned;
  const choices = option.argChoices === undefined ? value : option.argChoices.join(", ");
  return `| ${[`\`${key}\``, `\`--${option.name()}\``, `\`${variableOf(option)}\``, choices, defaultOf(option), meaning].map(cell).join(" | ")} |`;
}

/** Angle brackets would be HTML. */
const cell = (text: string): string => text.replaceAll("|", "\\|").replace(/[<>]/g, "");

const page = `# Configuration

<!-- Written by "npm run docs" from the options of reprise serve. Do not edit. -->

A node is configured by flags, by the environment, and by a file in YAML. All three know the same options by the same
name: what is \`--max-message\` on the command line is \`REPRISE_MAX_MESSAGE\` in the environment and \`max-message\` in the file.
A flag counts before the environment, the environment before the file, the file before the default.

    reprise serve --config /etc/reprise.yaml       or REPRISE_CONFIG
    reprise config check /etc/reprise.yaml         is it right? exit code 0, or 2 and what is wrong, with the lines
    reprise config print --config /etc/reprise.yaml
                                                   what a node would be set to, and where each value comes from
    reprise config doc                             this page

\`\`\`yaml
listen: 0.0.0.0:50051
buffer: redis://redis.internal:6379
ack: replicated:1
tls-cert: /etc/reprise/server.crt
tls-key: /etc/reprise/server.key
retain: messages=100000 age=24h          # all channels; or a list of rules, as of --retain
max-message: 256KiB
drain-window: 20s
auth-tokens: /etc/reprise/tokens

channels:                                # of several that match, the last that says something counts
  - pattern: "prices.*"
    retain: { messages: 1000, age: 1h }
    max-message: 4KiB
  - pattern: "audit.*"
    retain: { messages: none, bytes: none, age: 30d }
    ack: replicated:2
    permissions:                         # these add up, and deny wins
      - { allow: all, roles: [auditor], identities: [ada] }
      - { deny: [subscribe, history], roles: [intern] }
\`\`\`

- **A file that is not right keeps a node from starting.** A key that does not exist, a value that is not allowed, options that
  contradict each other: all is said at once, with line, key, and what is allowed. \`config check\` goes by this
  machine's environment and by its own flags, as \`serve\` does, and opens nothing: whether Redis answers, or a certificate can
  be used, is found at the start.
- **Passwords** in URLs belong into the environment or into a file that only the node's user can read, not into flags.
  \`config print\` shows \`***\` in their place.
- **Relative paths** are relative to the folder that the process runs in, wherever they are written.
- **An empty variable** is one that is not set. Switches are \`true\` or \`false\` (also 1, yes, on, 0, no, off). Variables that
  begin with \`REPRISE_\` and mean nothing are no error, because there may be others of that name; one that looks like a
  misspelt option is said at the start.
- Anchors and aliases of YAML are not supported, and patterns that begin with \`*\` need quotes.

## Single channels

\`channels\` is a list. Each entry has a \`pattern\`, in which \`*\` stands for any characters, and

| key | meaning |
|---|---|
| \`retain\` | how much of these channels is kept: \`messages\` (a number), \`bytes\` (64MiB), \`age\` (24h), each also \`none\` for no limit. What no entry names comes from \`retain\` of the file, then from the default. A \`--retain\` flag or \`REPRISE_RETAIN\` counts before all of it |
| \`max-message\` | the largest message there, at most \`max-message\` of the node. Clients are told the node's limit only: what is larger is refused by the node (\`message_too_large\`), and with it all that came to that channel in the same publish. Our client sends together what a program publishes in one turn, and after such a refusal each by itself |
| \`ack\` | what an acknowledgement means there **besides** what it means everywhere: \`stored\`, \`fsynced\`, \`replicated:N\`, as for \`ack\` of the node, which it never lowers. Clients are told the node's. In the embedded buffer \`fsynced\` makes just these channels be synced before publishers are answered, whatever \`fsync\` says. In Redis what waits goes by a connection of its own, and holds up no other channel. A level that the buffer cannot keep keeps the node from starting. Give all nodes of a store the same |
| \`permissions\` | who may do what there, besides what \`policy\` says ([security.md](security.md#what-somebody-may-do)): a list of \`allow\` or \`deny\` (\`publish\`, \`subscribe\`, \`history\`, \`presence\`, \`admin\`, several, or \`all\`), each for \`roles\`, for \`identities\`, for both, or, with neither, for everyone who is recognized. Of these all that match count |

## SIGHUP

\`kill -HUP\` (systemd: \`ExecReload=/bin/kill -HUP $MAINPID\`) makes a node that was started with \`--config\` read the file
again. \`retain\`, \`channels\`, \`limit\` and \`log-level\` take effect at once: message sizes with the next publish; what is kept in the
embedded buffer within seconds, in Redis with the next publish to a channel (a channel that nobody publishes to keeps the age it
had); limits for those who are connected, too (of what there is too much already, sessions or channels, nothing is ended);
permissions with the next request, and what lasts, as a subscription, ends if it is not allowed any more. \`ack\` of channels is the
exception. For it and for each other key whose value has changed the node says that it takes a restart. A file that is not right changes
nothing, and the log says why. Certificates are read again in any case. That the files of tokens, keys and policy have
changed is found without a signal. The environment and the flags of a running process do not change. Without a file and
without TLS the signal ends the process, as it does by default.

With \`--workers\` the signal goes to the first process. It alone reads the file, at the start and on the signal, and hands it to
the workers, so that all go by the same, also one that is replaced later.

## All options

| key | flag | variable | value | default | meaning |
|---|---|---|---|---|---|
TABLE
`;
