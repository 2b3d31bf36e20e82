// OpenTelemetry, as far as we speak to it: what we call of `@opentelemetry/api`. A program passes its own, because spans get
// to an SDK only through the copy of the api that it was registered with; so we depend on none.

/** The module `@opentelemetry/api`, or these of its exports. */
export interface Tracing {
  context: { active(): TraceContext };
  propagation: {
    inject(context: TraceContext, carrier: object): void;
    extract(context: TraceContext, carrier: object): TraceContext;
  };
  trace: {
    getTracer(name: string): Tracer;
    setSpan(context: TraceContext, span: Span): TraceContext;
  };
}

export interface TraceContext {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): TraceContext;
  deleteValue(key: symbol): TraceContext;
}

export interface Tracer {
  startSpan(name: string, options: { kind: number; attributes: Attributes }, context: TraceContext): Span;
}

export interface Span {
  setAttributes(attributes: Attributes): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  end(): void;
}

export type Attributes = Record<string, string | number | boolean>;

/** `SpanKind` of the api, whose numbers never change. */
export const spanKinds = { server: 1, producer: 3 };

const statusError = 2;

/** By the conventions of OpenTelemetry for messaging. */
export const attributesOf = (operation: string, channel: string, messages: number): Attributes => ({
  "messaging.system": "reprise",
  "messaging.operation.name": operation,
  "messaging.destination.name": channel,
  "messaging.batch.message_count": messages,
});

export function tracerOf({ trace }: Tracing): Tracer {
  return trace.getTracer("reprise");
}

/** Ends it with what went wrong. */
export function endInError(span: Span, message: string): void {
  span.setStatus({ code: statusError, message });
  span.end();
}
