// What a promise that has to fail fails with.
import { RepriseError } from "../src/wire/errors.js";
import { assert } from "./harness.js";

export async function failure(work: Promise<unknown>): Promise<RepriseError> {
  const thrown = await work.then(
    () => assert.unreachable("it succeeded"),
    (error: unknown) => error,
  );
  assert.instance(thrown, RepriseError);
  return thrown as RepriseError;
}
