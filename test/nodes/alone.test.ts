import { aloneRegistry } from "../../src/nodes/alone.js";
import { registryContract } from "./contract.js";

registryContract("alone", async () => {
  const registry = aloneRegistry();
  return { open: async () => registry };
});
