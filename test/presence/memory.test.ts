// The member store of a node alone.
import { memoryMembers } from "../../src/presence/memory.js";
import { suite } from "../harness.js";
import { contract } from "./contract.js";

const test = suite("members in memory");

contract(test, async (t) => {
  const store = memoryMembers();
  t.after(() => store.close());
  return [store, store];
});

test.run();
