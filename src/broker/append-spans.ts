// The spans of an append, at a node that traces: one for each trace context that messages of the run bring in their headers
// (P-52). Their headers are decoded for that, and nowhere else in a node. Messages without a context have none.
import { attributesOf, endInError, type Span, spanKinds, type Tracing, tracerOf } from "../trace/tracing.js";
import { toRepriseError } from "../wire/errors.js";
import { type Headers, messagesOf } from "../wire/message.js";
import type { Published } from "../wire/server-frame.js";
import type { Unnumbered } from "./appender.js";

/** Appends, and makes the spans of it. */
export async function withSpans(
  tracing: Tracing,
  channel: string,
  run: Unnumbered,
  append: () => Promise<Published[]>,
): Promise<Published[]> {
  const spans = begin(tracing, channel, run);
  try {
    const answers = await append();
    for (const span of spans) {
      span.setAttributes({ "reprise.epoch": answers[0]!.epoch, "reprise.first_offset": answers[0]!.first });
      span.end();
    }
    return answers;
  } catch (thrown) {
    for (const span of spans) endInError(span, toRepriseError(thrown).message);
    throw thrown;
  }
}

function begin(tracing: Tracing, channel: string, { count, messages }: Unnumbered): Span[] {
  const contexts = new Map<string, { headers: Headers; messages: number }>();
  for (const { headers } of messagesOf(channel, { epoch: 0, first: 1, count, storedAt: 0, messages })) {
    const { traceparent } = headers;
    if (traceparent === undefined) continue;
    const known = contexts.get(traceparent);
    if (known !== undefined) known.messages++;
    else contexts.set(traceparent, { headers, messages: 1 });
  }
  const { context, propagation } = tracing;
  return [...contexts.values()].map(({ headers, messages }) => {
    const options = { kind: spanKinds.server, attributes: attributesOf("append", channel, messages) };
    return tracerOf(tracing).startSpan(`append ${channel}`, options, propagation.extract(context.active(), headers));
  });
}
