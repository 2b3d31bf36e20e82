// reprise chat: a line chat. Everything that makes it survive a restart of the broker is the client's doing.
import { userInfo } from "node:os";
import { Command, Option } from "commander";
import {
  type Bus,
  describeGap,
  last,
  type Member,
  type Message,
  type Presence,
  type RepriseError,
  type Subscription,
} from "../client/index.js";
import { dial } from "./dial.js";
import { Exit, exitCodes } from "./exit.js";
import { plain } from "./format.js";
import { type BrokerChoice, broker, withOptions } from "./options.js";
import { note } from "./output.js";
import { openScreen, type Screen } from "./screen.js";

interface ChatOptions extends BrokerChoice {
  name: string;
}

/** What somebody who joins is shown of the past. */
const shownHistory = 20;

/** Lines on their way; beyond this no more are read. */
const maxInFlight = 100;

/** After Ctrl-D, for what was typed and is not stored yet. */
const flushMs = 5_000;

const options = [
  ...broker(),
  new Option("--name <NAME>", "the name the others see").env("REPRISE_NAME").default(userName(), "your user name"),
];

export const chatCommand = (): Command =>
  withOptions(new Command("chat"), options)
    .summary("talk, a line at a time")
    .description(
      "A chat in a channel, a line at a time, with what was said before. /who tells who is there. Ctrl-D or Ctrl-C leaves.",
    )
    .argument("[CHANNEL]", "the channel", "lobby")
    .action(chat);

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // The user has no entry in the system's table.
    return "anonymous";
  }
}

async function chat(channel: string, given: ChatOptions): Promise<void> {
  const { name } = given;
  let screen: Screen | undefined;
  const notice = (line: string) => (screen ?? { note }).note(line);
  const bus = await dial({ ...given, notice });
  try {
    const subscription = bus.subscribe(channel, {
      from: last(shownHistory),
      // On a terminal one's own lines stand there already; on pipes they are what the sender put in.
      echo: false,
      onGap: (gap) => notice(`messages were missed: ${describeGap(gap)}`),
    });
    const presence = bus.presence(channel);
    await Promise.all([subscription.ready, bus.enter(channel), presence.ready]);
    screen = openScreen(name);
    screen.note(`joined ${channel} as ${name}; /who tells who is there, Ctrl-D leaves`);
    await Promise.all([
      listen(subscription, screen),
      greet(presence, bus.member, screen),
      talk(bus, channel, presence, screen)
        .finally(() => presence.close())
        .finally(() => subscription.close()),
    ]);
  } finally {
    screen?.close();
    screen = undefined;
    await bus.close({ timeoutMs: 0 });
  }
}

async function listen(subscription: Subscription, screen: Screen): Promise<void> {
  for await (const message of subscription)
    await screen.say(whoOf(message), plain(message.text), new Date(message.storedAt));
}

/** Tells who comes and goes, but oneself. */
async function greet(presence: Presence, own: string, screen: Screen): Promise<void> {
  for await (const { kind, member } of presence) {
    if (kind !== "changed" && member.id !== own) screen.note(`${nameOf(member)} ${kind}`);
  }
}

/** Ends with the input, when all of it is stored. */
async function talk(bus: Bus, channel: string, presence: Presence, screen: Screen): Promise<void> {
  const inFlight = new Set<Promise<void>>();
  let lost = 0;
  for await (const line of screen.lines) {
    if (line.trim() === "") continue;
    if (line.trim() === "/who") {
      screen.note(`here: ${[...presence.members.values()].map(nameOf).sort().join(", ")}`);
      continue;
    }
    const sent: Promise<void> = bus
      .publish(channel, line)
      .then(
        () => undefined,
        (error: RepriseError) => {
          lost++;
          screen.note(`not sent: ${line}: ${error.message}`);
        },
      )
      .finally(() => inFlight.delete(sent));
    inFlight.add(sent);
    if (inFlight.size >= maxInFlight) await Promise.race(inFlight);
  }
  screen.close();
  await bus.close({ timeoutMs: flushMs });
  await Promise.all(inFlight);
  if (lost > 0) throw new Exit(exitCodes.failed, `${lost} of the lines were not sent`);
}

const whoOf = ({ publisher }: Message): string => plain(publisher) || "anonymous";

const nameOf = ({ name }: Member): string => plain(name) || "anonymous";
