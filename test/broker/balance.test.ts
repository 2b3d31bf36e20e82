// How sessions are spread over nodes: the numbers alone, over many imagined clusters.
import fc from "fast-check";
import { drawFrom, excess, type Load, levelAfter, roomBelow, shuffled } from "../../src/broker/balance.js";
import { assert, suite } from "../harness.js";
import { check } from "../wire/arbitraries.js";

const test = suite("balance");

const loadsOf = (...sessions: number[]): Load[] => sessions.map((count, i) => ({ address: `n${i}`, sessions: count }));
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
  for (const [own, others, count] of [
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
    assert.is(excess(own, loadsOf(...others), never), count, `${own} beside ${others}`);
  }
  // A hundred nodes with half a session too much each fill a new one by chance.
  const many = loadsOf(0, ...Array.from({ length: 99 }, () => 50));
  const random = randomOf(7);
  const sent = Array.from({ length: 100 }, () => excess(50, many, random)).reduce((sum, count) => sum + count, 0);
  assert.ok(sent > 30 && sent < 70, `${sent}`);
});

test("poured onto nodes, sessions fill the lowest first, and all of them up to one level", () => {
  check(
    fc.property(fc.nat(5_000), fc.array(fc.nat(1_000), { minLength: 1, maxLength: 20 }), (count, sessions) => {
      const loads = loadsOf(...sessions);
      const rooms = roomBelow(levelAfter(count, loads), loads);
      const sum = rooms.reduce((total, { room }) => total + room, 0);
      assert.ok(Math.abs(sum - count) < 1e-6 * (count + 1), `${sum} for ${count}`);
      for (const { room } of rooms) assert.ok(room > 0);
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
 * the nodes after each round, and how many were moved in all.
 */
function simulate(start: readonly number[], rounds: number, seed: number): { states: number[][]; moved: number } {
  const random = randomOf(seed);
  let sessions = [...start];
  let moved = 0;
  const states: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    // All read loads that are true at the beginning of the round, and then move one after the other.
    const known = loadsOf(...sessions);
    for (const own of shuffled([...sessions.keys()], random)) {
      const others = known.filter((_, i) => i !== own);
      const count = excess(sessions[own]!, others, random);
      const mean = others.reduce((sum, load) => sum + load.sessions, sessions[own]!) / known.length;
      const rooms = roomBelow(mean, others);
      for (let i = 0; i < count; i++) {
        const to = Number(drawFrom(rooms, random)[0]!.slice(1));
        sessions[own]!--;
        sessions[to]!++;
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

test.run();
