// The span of a publish, from the call to the acknowledgement, and its context in the headers of the message (P-52).
import { attributesOf, endInError, spanKinds, type Tracing, tracerOf } from "../trace/tracing.js";
import { toRepriseError } from "../wire/errors.js";
import type { Headers } from "../wire/message.js";
import type { PublishResult } from "./entry.js";

/** @param send is called at once: publishes keep the order of the calls */
export async function withSpan(
  tracing: Tracing,
  channel: string,
  headers: Headers | undefined,
  send: (headers: Headers) => Promise<PublishResult>,
): Promise<PublishResult> {
  const { context, propagation, trace } = tracing;
  const begun = context.active();
  const options = { kind: spanKinds.producer, attributes: attributesOf("send", channel, 1) };
  const span = tracerOf(tracing).startSpan(`send ${channel}`, options, begun);
  const carrier: Record<string, string> = {};
  propagation.inject(trace.setSpan(begun, span), carrier);
  try {
    // Who passes a message on may pass on its context, too.
    const result = await send({ ...carrier, ...headers });
    const { epoch, offset } = result.position;
    span.setAttributes({ "reprise.epoch": epoch, "reprise.offset": offset });
    span.end();
    return result;
  } catch (thrown) {
    endInError(span, toRepriseError(thrown).message);
    throw thrown;
  }
}
