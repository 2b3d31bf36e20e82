// reprise members: who is on a channel.
import { Command, Option } from "commander";
import type { Bus, Member } from "../client/index.js";
import { dial } from "./dial.js";
import { plain } from "./format.js";
import { type BrokerChoice, broker, json, withOptions } from "./options.js";
import { print } from "./output.js";
import { onStop } from "./stop.js";

interface MembersOptions extends BrokerChoice {
  follow?: boolean;
  json?: boolean;
}

const options = [
  ...broker(),
  new Option("--follow", "then print who joins, changes and leaves, until Ctrl-C"),
  json("member, name, node, since, metadata; with --follow event (present, joined, changed or left)"),
];

export const membersCommand = (): Command =>
  withOptions(new Command("members"), options)
    .summary("list who is on a channel")
    .description("Lists the members of a channel, on all nodes: who has entered it and not left.")
    .argument("<CHANNEL>")
    .action(members);

async function members(channel: string, given: MembersOptions): Promise<void> {
  const bus = await dial(given);
  try {
    if (given.follow) await follow(bus, channel, given.json === true);
    else await list(bus, channel, given.json === true);
  } finally {
    await bus.close({ timeoutMs: 0 });
  }
}

async function list(bus: Bus, channel: string, asJson: boolean): Promise<void> {
  const found = await bus.members(channel);
  if (!asJson) await print(row("NAME", "MEMBER", "SINCE", "NODE", "METADATA"));
  for (const member of found) await print(asJson ? JSON.stringify(fieldsOf(member)) : toRow(member));
}

async function follow(bus: Bus, channel: string, asJson: boolean): Promise<void> {
  const presence = bus.presence(channel);
  const release = onStop(() => void presence.close());
  const tell = (event: string, member: Member) =>
    print(asJson ? JSON.stringify({ event, ...fieldsOf(member) }) : `${event.padEnd(8)} ${toRow(member)}`);
  try {
    for (const member of await presence.ready) await tell("present", member);
    for await (const { kind, member } of presence) await tell(kind, member);
  } finally {
    release();
  }
}

const fieldsOf = ({ id, name, node, since, metadata }: Member) => ({
  member: id,
  name,
  node,
  since: new Date(since).toISOString(),
  metadata,
});

const toRow = ({ id, name, node, since, metadata }: Member): string =>
  row(plain(name) || "-", id, new Date(since).toISOString(), plain(node), plain(JSON.stringify(metadata)));

/** In columns that hold for any number of members, because those who are yet to join are not known. */
const row = (name: string, ...cells: string[]): string =>
  [name.padEnd(16), ...cells.map((cell, i) => cell.padEnd([22, 24, 20, 0][i]!))].join(" ").trimEnd();
