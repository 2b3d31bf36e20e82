// How sessions are spread over nodes: the numbers alone, over many imagined clusters.
import fc from "fast-check";
import {
  drawFrom,
  excess,
  type Load,
  levelAfter,
  loadsOf,
  meanOf,
  roomBelow,
  shuffled,
} from "../../src/broker/balance.js";
import { assert, suite } from "../harness.js";
import { check } from "../wire/arbitraries.js";

const test = suite("balance");

/** A node behind each address. */
const single = (...sessions: number[]): Load[] =>
  sessions.map((count, i) => ({ address: `n${i}`, sessions: count, nodes: 1 }));

const own = (sessions: number): Load => ({ address: "own", sessions, nodes: 1 });
const never = () => 0;

/** Numbers that only depend on the seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

test("what a node has too much of, by example", () => {
  for (const [sessions, others, count] of [
    [200, [0, 0, 0], 150],
    [4, [0], 2],
    // One session is no imbalance.
    [1, [0], 0],
    [3, [2], 0],
    [55, [50, 45, 50], 0],
    [57, [50, 43, 50], 7],
    // It has little too much itself, but another one has far too little.
    [54, [54, 54, 38], 4],
    [50, [50, 50, 0], 12],
    // Below the mean there is nothing to give, whatever the others have.
    [40, [60, 60, 0], 0],
    [100_000, [0], 200],
  ] as const) {
    assert.is(excess(sessions, own(sessions), single(...others), never), count, `${sessions} beside ${others}`);
  }
  // A hundred nodes with half a session too much each fill a new one by chance.
  const many = single(0, ...Array.from({ length: 99 }, () => 50));
  const random = randomOf(7);
  const sent = Array.from({ length: 100 }, () => excess(50, own(50), many, random)).reduce(
    (sum, count) => sum + count,
    0,
  );
  assert.ok(sent > 30 && sent < 70, `${sent}`);
});

/** Sessions, and nodes. */
const behind = fc.tuple(fc.nat(1_000), fc.integer({ min: 1, max: 5 }));

test("poured onto nodes, sessions fill the lowest first, and all of them up to one level", () => {
  check(
    fc.property(fc.nat(5_000), fc.array(behind, { minLength: 1, maxLength: 20 }), (count, sessions) => {
      const loads = sessions.map(([count, nodes], i) => ({ address: `n${i}`, sessions: count, nodes }));
      const rooms = roomBelow(levelAfter(count, loads), loads);
      const sum = rooms.reduce((total, { room }) => total + room, 0);
      assert.ok(Math.abs(sum - count) < 1e-6 * (count + 1), `${sum} for ${count}`);
      const level = levelAfter(count, loads);
      for (const { address, room } of rooms) {
        const { sessions, nodes } = loads.find((load) => load.address === address)!;
        assert.ok(room > 0 && Math.abs((sessions + room) / nodes - level) < 1e-6 * (level + 1));
      }
    }),
  );
  assert.equal(roomBelow(5, []), []);
  assert.is(levelAfter(10, []), 0);
});

test("drawn by room: all addresses each time, and together as many first as each had room for", () => {
  check(
    fc.property(fc.array(fc.nat(30), { minLength: 1, maxLength: 8 }), fc.nat(), (counts, seed) => {
      const random = randomOf(seed);
      const rooms = counts.map((room, i) => ({ address: `n${i}`, room }));
      const firsts = new Map<string, number>();
      for (let i = counts.reduce((sum, room) => sum + room, 0); i > 0; i--) {
        const drawn = drawFrom(rooms, random);
        assert.equal([...drawn].sort(), rooms.map(({ address }) => address).sort());
        firsts.set(drawn[0]!, (firsts.get(drawn[0]!) ?? 0) + 1);
      }
      for (const [i, room] of counts.entries()) assert.is(firsts.get(`n${i}`) ?? 0, room);
      assert.is(drawFrom(rooms, random).length, rooms.length, "when there is no room anywhere it is any of them");
    }),
  );
});

/**
 * A cluster in which each node takes its steps by what it knew of the others up to one step ago. Returns the sessions of
 * the nodes after each round, and how many were moved in all. Several nodes may have one address, behind which a session
 * gets to any of them.
 */
function simulate(
  start: readonly number[],
  rounds: number,
  seed: number,
  addressOf: (node: number) => number = (node) => node,
): { states: number[][]; moved: number } {
  const behind = (address: number) => [...start.keys()].filter((node) => addressOf(node) === address);
  const random = randomOf(seed);
  let sessions = [...start];
  let moved = 0;
  const states: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    // All read loads that are true at the beginning of the round, and then move one after the other.
    const known = loadsOf(sessions.map((count, node) => ({ address: `n${addressOf(node)}`, sessions: count })));
    const before = [...sessions];
    for (const node of shuffled([...sessions.keys()], random)) {
      const there = known.find(({ address }) => address === `n${addressOf(node)}`)!;
      const here = { ...there, sessions: there.sessions - before[node]! + sessions[node]! };
      const others = known.filter((load) => load !== there);
      if (others.length === 0) break;
      const count = excess(sessions[node]!, here, others, random);
      const rooms = roomBelow(meanOf([here, ...others]), others);
      for (let i = 0; i < count; i++) {
        const nodes = behind(Number(drawFrom(rooms, random)[0]!.slice(1)));
        sessions[node]!--;
        sessions[nodes[Math.floor(random() * nodes.length)]!]!++;
        moved++;
      }
    }
    sessions = [...sessions];
    states.push(sessions);
  }
  return { states, moved };
}

test("whatever the start, all come near the mean, stay there, and few sessions move for it", () => {
  const start = fc.array(fc.nat(400), { minLength: 2, maxLength: 12 });
  check(
    fc.property(start, fc.nat(), (start, seed) => {
      const { states, moved } = simulate(start, 60, seed);
      const mean = start.reduce((sum, sessions) => sum + sessions, 0) / start.length;
      const allowed = Math.max(2, mean * 0.1) + 1;
      for (const sessions of states.slice(20)) {
        for (const count of sessions) {
          assert.ok(Math.abs(count - mean) <= allowed, `${start} became ${sessions}, the mean is ${mean}`);
        }
      }
      assert.equal(states.at(-1), states[40], "nothing moves any more");
      const surplus = start.reduce((sum, sessions) => sum + Math.max(0, sessions - mean), 0);
      assert.ok(moved <= surplus * 1.3 + 2 * start.length, `${moved} moved, ${surplus} were too many: ${start}`);
    }),
    200,
  );
});

test("addresses with several nodes behind them come out even by sessions a node; nothing is sent to its own", () => {
  const many = (sessions: number, nodes: number): Load => ({ address: "many", sessions, nodes });
  // Each of four sends its share of what they have too much together.
  assert.is(excess(100, many(400, 4), single(0), never), 20);
  assert.is(excess(0, many(400, 4), single(0), never), 0);
  assert.is(excess(200, own(200), [many(0, 4)], never), 160);
  // Uneven among themselves only: nobody can change that by sending to their address.
  assert.is(excess(80, many(100, 2), single(50), never), 0);
  assert.equal(simulate([40, 0, 0], 10, 1, () => 0).moved, 0);
  const start = fc.array(fc.nat(400), { minLength: 2, maxLength: 12 });
  check(
    fc.property(start, fc.integer({ min: 1, max: 4 }), fc.nat(), (start, workers, seed) => {
      const addressOf = (node: number) => Math.floor(node / workers);
      const { states, moved } = simulate(start, 60, seed, addressOf);
      const mean = start.reduce((sum, sessions) => sum + sessions, 0) / start.length;
      for (const { address, sessions, nodes } of loadsOf(
        states.at(-1)!.map((count, node) => ({ address: `n${addressOf(node)}`, sessions: count })),
      )) {
        const allowed = Math.max(2, mean * 0.1) + 1;
        assert.ok(Math.abs(sessions / nodes - mean) <= allowed, `${address}: ${sessions} on ${nodes}, mean ${mean}`);
      }
      assert.equal(states.at(-1), states[40], "nothing moves any more");
      assert.ok(moved <= start.reduce((sum, sessions) => sum + sessions, 0) * 1.3 + 2 * start.length);
    }),
    200,
  );
});

test.run();
