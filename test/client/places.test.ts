// Where a bus goes next: the addresses it was given, and those that the nodes tell of.
import { createPlaces, type Places } from "../../src/client/places.js";
import { assert, suite } from "../harness.js";

const test = suite("client places");

/** Places in the order in which they are given, and a clock. */
function given(...addresses: string[]) {
  const clock = { now: 1_000 };
  const places = createPlaces(
    () => clock.now,
    () => 0.999,
  );
  places.seed(addresses);
  return { places, clock };
}

const take = (places: Places) => {
  const { place, waitMs } = places.next()!;
  return waitMs === 0 ? place.address : `${place.address} ${waitMs}`;
};
const several = (places: Places, count: number) => Array.from({ length: count }, () => take(places)).join(" ");

/** Tries until the address comes, and is welcomed there. */
function connect(places: Places, address: string): void {
  let { place } = places.next()!;
  while (place.address !== address) ({ place } = places.next()!);
  places.reached(place);
}

test("all in turn, beginning anywhere", () => {
  const firsts = new Map<string, number>();
  for (let i = 0; i < 300; i++) {
    const places = createPlaces(() => 0, Math.random);
    places.seed(["a", "b", "c"]);
    const { address } = places.next()!.place;
    firsts.set(address, (firsts.get(address) ?? 0) + 1);
  }
  assert.is(firsts.size, 3);
  assert.is(several(given("a", "b", "c").places, 7), "a b c a b c a");
  assert.is(given().places.next(), undefined);
});

test("one that asked to be left alone comes last, and is not tried more often afterwards", () => {
  const { places, clock } = given("a", "b", "c");
  assert.is(several(places, 4), "a b c a");
  const [b, c, a] = [places.next()!.place, places.next()!.place, places.next()!.place];
  b.notBefore = 5_000;
  assert.is(several(places, 3), "c a c");
  a.notBefore = 3_000;
  c.notBefore = 4_000;
  assert.is(take(places), "a 2000");
  clock.now = 6_000;
  assert.is(several(places, 6), "b c a b c a");
});

test("once a found place was reached the found ones come first, the lost one last of them, then the other seeds", () => {
  const { places } = given("a", "gone");
  connect(places, "a");
  places.find(["b", "a", "c"]);
  assert.is(several(places, 4), "b c a gone");
  connect(places, "c");
  assert.is(several(places, 4), "a b c gone");
});

test("a node that is no longer told of is left out, a new one is used, and a seed is always the last resort", () => {
  const { places } = given("a");
  connect(places, "a");
  places.find(["a", "b", "c"]);
  connect(places, "b");
  places.find(["b", "d"]);
  assert.is(several(places, 3), "d b a");
  places.find([]);
  assert.is(several(places, 2), "a a");
});

test("addresses that nobody has reached are tried after the seeds: they may be of another network", () => {
  const { places } = given("balancer", "spare");
  connect(places, "balancer");
  places.find(["10.0.0.1", "10.0.0.2"]);
  assert.is(several(places, 5), "spare balancer 10.0.0.1 10.0.0.2 spare");
});

test("where a node sends us comes first, in its order, once; one chance only if no such place was ever reached", () => {
  const { places, clock } = given("a", "b", "c");
  connect(places, "a");
  places.find(["a", "b", "c"]);
  places.next()!.place.notBefore = clock.now + 60_000;
  connect(places, "a");
  places.prefer(["c", "new", "b"]);
  const went = Array.from({ length: 3 }, () => places.next()!);
  assert.equal(
    went.map(({ place, waitMs, preferred }) => [place.address, waitMs, preferred]),
    [
      ["c", 0, true],
      ["new", 0, true],
      ["b", 0, true],
    ],
  );
  assert.is(places.next()!.preferred, false);
  places.prefer(["new"]);
  connect(places, "c");
  assert.is.not(take(places), "new", "reached another way, it is forgotten");

  const { places: unproven } = given("balancer");
  connect(unproven, "balancer");
  unproven.prefer(["10.0.0.1", "10.0.0.2"]);
  assert.is(several(unproven, 3), "10.0.0.1 balancer balancer");
});

test("the same seeds again keep their turns, others replace them", () => {
  const { places } = given("a", "b");
  assert.is(take(places), "a");
  places.seed(["b", "a"]);
  assert.is(several(places, 2), "b a");
  const { place } = places.next()!;
  places.seed(["c", "d"]);
  assert.not(places.has(place));
  assert.is(several(places, 3), "c d c");
});

test.run();
