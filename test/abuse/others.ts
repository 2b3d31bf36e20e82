// Those who use the node while it is attacked, on connections of their own: a publisher and a subscriber, and they follow
// who is on a channel. The publisher has entered it and stays; the subscriber comes and goes.
import type { TlsOptions } from "../../src/client/index.js";
import { assert, type T, until } from "../harness.js";
import { type Flow, startFlow } from "../scenarios/flow.js";

export interface Others extends Pick<Flow, "received" | "lap" | "buses"> {
  /** @throws Error unless they hear of what is published, who comes and who goes, and of nothing that was not so. */
  goOn(what: string): Promise<void>;
  /** Checks that they have received all that was stored, and were never disconnected. */
  finish(): Promise<void>;
}

const perSecond = 200;
const place = "staying";
const goOnMs = 60_000;

export async function startOthers(t: T, address: string, tls: TlsOptions | undefined): Promise<Others> {
  const flow = await startFlow(t, address, { channel: "others", publishers: 1, subscribers: 1, perSecond, tls });
  const [passing, staying] = flow.buses;
  assert.ok(passing !== undefined && staying !== undefined, "two buses");
  const presence = passing.presence(place);
  await presence.ready;
  const heard: string[] = [];
  const told = ["joined publisher1"];
  const following = (async () => {
    for await (const { kind, member } of presence) heard.push(`${kind} ${member.name}`);
  })();
  following.catch(() => {});
  await staying.enter(place, { metadata: { since: "before" } });
  const hears = async (what: string) => {
    await until(() => heard.length >= told.length, `${what}: ${told.at(-1)} is heard`, goOnMs);
    assert.equal(heard, told, `${what}: nobody else came or went`);
    const stayed = [...presence.members.values()].find(({ name }) => name === "publisher1");
    assert.equal({ ...stayed?.metadata }, { since: "before" }, `${what}: the member is there`);
  };
  await hears("before");
  return {
    get received() {
      return flow.received;
    },
    lap: flow.lap,
    buses: flow.buses,
    async goOn(what) {
      const at = flow.received;
      await until(() => flow.received > at + 1, `${what}: the others go on`, goOnMs);
      const membership = await passing.enter(place);
      told.push("joined subscriber1");
      await hears(what);
      await membership.leave();
      told.push("left subscriber1");
      await hears(what);
    },
    async finish() {
      await hears("in the end");
      await presence.close();
      await following;
      await flow.finish();
      assert.equal(flow.states, [], "the others stayed connected");
    },
  };
}
