// The request of the unary and the client-streaming publish: a `Publish` with a key and a name beside it.
import { type Publish, readPublish } from "./batch.js";
import { FieldReader, LEN } from "./bytes.js";

export interface PublishRequest {
  publish: Publish;
  /** Empty for none. */
  idempotencyKey: Buffer;
  name: string;
}

const empty = Buffer.alloc(0);

/** @throws RepriseError `malformed` */
export function readPublishRequest(bytes: Buffer): PublishRequest {
  const request: PublishRequest = { publish: readPublish(bytes, LEN), idempotencyKey: empty, name: "" };
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    if (reader.field === 2 || reader.field === 3) {
      reader.expect(LEN);
      if (reader.field === 2) request.idempotencyKey = reader.view();
      else request.name = reader.text();
    } else {
      reader.skip();
    }
  }
  return request;
}
