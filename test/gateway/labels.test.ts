// However many channels, publishers, sessions and mistakes there are: series are those of closed lists.

import { encodeHello, encodePublish } from "../../src/wire/client-frame.js";
import { isErrorCode } from "../../src/wire/errors.js";
import { testGuard } from "../auth/guard.js";
import { callHistory, publishRequest } from "../broker/calls.js";
import { clientOf, connectPeer, encodeTexts, openStream, type Peer, subscribeCall, texts } from "../broker/peer.js";
import { assert, suite, type T, until } from "../harness.js";
import { type Scrape, scrape, startGateway, type TestGateway } from "./scrape.js";

const busy = { timeoutMs: 120_000 };

const test = suite("labels");

/** Every series: of histograms with their buckets. */
function seriesOf({ families }: Scrape): Set<string> {
  const found = new Set<string>();
  for (const { name, metrics } of families) {
    for (const { labels = {}, buckets = {} } of metrics) {
      found.add(`${name} ${JSON.stringify(labels)}`);
      for (const le of Object.keys(buckets)) found.add(`${name} le=${le}`);
    }
  }
  return found;
}

/** What a label may be, where its values come one by one. */
const closed: Record<string, (value: string) => boolean> = {
  "reprise_published_messages_total result": isErrorCode,
  "reprise_refused_requests_total code": isErrorCode,
  "nodejs_gc_duration_seconds kind": (kind) => ["major", "minor", "incremental", "weakcb"].includes(kind),
};

const isClosed = (series: string): boolean => {
  const [, name, text = "{}"] = /^(\w+) (\{.*\})$/.exec(series) ?? [];
  if (name === undefined) return series.startsWith("nodejs_gc_duration_seconds le=");
  const labels = Object.entries(JSON.parse(text) as Record<string, string>);
  return labels.every(([label, value]) => closed[`${name} ${label}`]?.(value) === true);
};

/** What was said in vain is answered, and changes nothing here. */
async function mistakes(peer: Peer, channel: string): Promise<void> {
  peer.publish(`no name ${channel}!`, ["x"]);
  peer.publish(channel, ["x"], 99);
  peer.publish(channel, ["x".repeat(2_000_000)]);
  peer.unsubscribe(`never.${channel}`);
  for (let i = 0; i < 4; i++) await peer.refused();
  await peer.subscribe(channel, { from: "earliest" });
  await peer.subscribe(`other.${channel}`, { from: "position", position: { epoch: 7, offset: 7 } });
}

/** All kinds of peers, each with a channel and a name of its own. */
async function crowd(t: T, { node }: TestGateway, tokens: readonly string[]): Promise<void> {
  const peers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => {
      const token = tokens[i];
      return connectPeer(t, node.address, {
        name: `name-${i}`,
        member: `member-${i}-12345678`,
        ...(token && { token }),
      });
    }),
  );
  await Promise.all(peers.map((peer, i) => mistakes(peer, `channel-${i}`)));
  const publishes = async (peer: Peer, i: number) => {
    for (let n = 0; n < 4; n++) await peer.published(`channel-${i}.${n}`, texts("m", 3));
  };
  await Promise.all(peers.map(publishes));
}

/** By single calls on one connection; names of channels and names that are none, too. */
async function publishAs(t: T, address: string, names: readonly string[]): Promise<void> {
  const client = clientOf(t, address);
  const same = (bytes: Buffer) => bytes;
  const publish = (name: string, i: number) =>
    new Promise<void>((resolve) => {
      const request = publishRequest(i % 50 === 0 ? `no name ${i}!` : "names", ["x"], { name });
      const bytes = Buffer.from(request.serializeBinary());
      client.makeUnaryRequest("/reprise.v1.Broker/Publish", same, same, bytes, () => resolve());
    });
  await Promise.all(names.map(publish));
}

async function grows(gateway: TestGateway, act: () => Promise<void>): Promise<void> {
  const first = await scrape(gateway.url);
  const before = seriesOf(first);
  await act();
  await until(async () => (await scrape(gateway.url)).value("reprise_channels")! >= 50, "there are many channels");
  const last = await scrape(gateway.url);
  const added = [...seriesOf(last)].filter((series) => !before.has(series));
  assert.equal(
    added.filter((series) => !isClosed(series) && !series.startsWith("reprise_replay_headroom_seconds {}")),
    [],
  );
  assert.ok(
    added.some((series) => series.includes("invalid_channel")),
    "mistakes were made",
  );
  assert.not.match(last.text, /channel-\d|name-\d|member-\d|127\.0\.0\.1/);
  for (const session of (await gateway.node.admin.sessions()).slice(0, 20)) {
    assert.not.ok(last.text.includes(session.session));
  }
}

test(
  "200 channels, 200 names of publishers, sessions, and what is refused",
  async (t) => {
    const gateway = await startGateway(t, { quotas: { sessions: 60 } });
    const { address } = gateway.node;
    await grows(gateway, async () => {
      await crowd(t, gateway, []);
      await publishAs(
        t,
        address,
        Array.from({ length: 200 }, (_, i) => `name-${i}`),
      );
      await callHistory(t, address, "channel-missing", { from: "earliest" }, 10).catch(() => {});
      const broken = openStream(t, address);
      broken.send(Buffer.from("channel-1 is no frame"));
      await broken.end();
      const early = openStream(t, address);
      early.send(encodePublish("channel-2", 0, encodeTexts(["before the hello"])));
      await early.end();
      const refused = Array.from({ length: 15 }, () => {
        const stream = openStream(t, address);
        stream.send(encodeHello("name-late", Buffer.alloc(0)));
        return stream;
      });
      await until(() => refused.filter(({ ended }) => ended?.code === "limit_reached").length >= 5, "some are refused");
      subscribeCall(t, address, { "no name!": { from: "new" } });
    });
  },
  busy,
);

test(
  "50 identities, some who may do nothing, and strangers",
  async (t) => {
    const names = Array.from({ length: 50 }, (_, i) => `name-${i}`);
    const rights = names.map((name) => `  ${name}: { rules: [{ allow: all, channels: "*" }] }`).join("\n");
    const guard = testGuard(t, `${rights}\n  name-none: { rules: [{ deny: all, channels: "*" }] }\n`);
    const tokens = names.map((name) => guard.tokenOf(name));
    const none = guard.tokenOf("name-none");
    await guard.changed();
    const gateway = await startGateway(t, { guard: guard.guard, token: guard.root });
    const { address } = gateway.node;
    await grows(gateway, async () => {
      await crowd(t, gateway, tokens);
      const idle = await connectPeer(t, address, { token: none });
      idle.publish("channel-1", ["x"]);
      await idle.refused();
      for (let i = 0; i < 20; i++) await openStream(t, address, `rpr_name-${i}`).end();
    });
  },
  busy,
);

test.run();
