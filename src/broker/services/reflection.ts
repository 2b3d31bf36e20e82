// gRPC's reflection (grpc.reflection.v1 and v1alpha): tools such as grpcurl ask a node for its services and messages. What
// answers them is built from the .proto files when somebody asks for the first time: most nodes are never asked.
//
// It tells nothing that is not public; but where peers have rights it is for those who administer the node.
import { resolve } from "node:path";
import type { Server, ServerDuplexStream, ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import { protoPath as healthProto } from "grpc-health-check";
import { toRepriseError } from "../../wire/errors.js";
import type { Access } from "../access.js";
import type { Broker } from "../broker.js";
import { admit } from "./admit.js";
import { boundReadAhead, endStream, raw, whenGone } from "./grpc.js";

type Call = ServerDuplexStream<Buffer, Buffer>;

/** Answers one encoded request. */
type Answer = (request: Buffer) => Buffer;

const services = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];
const method = "ServerReflectionInfo";
const folder = resolve(import.meta.dirname, "../../../proto");
const files = ["reprise/v1/broker.proto", "reprise/v1/admin.proto", "stream/stream.proto", healthProto];

let loading: Promise<Map<string, Answer>> | undefined;

export function addReflection(server: Server, broker: Broker): void {
  for (const service of services) {
    const path = `/${service}/${method}`;
    const definition = { path, requestStream: true, responseStream: true, originalName: method, ...raw };
    server.addService({ [method]: definition }, { [method]: admit(broker, reflect.bind(undefined, service)) });
  }
}

async function reflect(service: string, broker: Broker, access: Access, call: Call): Promise<void> {
  const stop = (reason: ReturnType<typeof toRepriseError>) => endStream(call, reason);
  whenGone(call, () => broker.stopping.delete(stop));
  boundReadAhead(call);
  const check = () => {
    access.checkCredentials();
    access.check("admin", "");
  };
  try {
    check();
    broker.checkOpen();
    broker.stopping.add(stop);
    loading ??= load();
    const answer = (await loading).get(service)!;
    call.on("data", (request: Buffer) => {
      try {
        check();
        // An answer is large, and a request is not: the next one when it has gone out.
        call.pause();
        call.write(answer(request), () => call.resume());
      } catch (thrown) {
        stop(toRepriseError(thrown, "malformed"));
      }
    });
    call.on("end", () => call.end());
  } catch (thrown) {
    stop(toRepriseError(thrown));
  }
}

async function load(): Promise<Map<string, Answer>> {
  const [{ loadSync }, { ReflectionService }] = await Promise.all([
    import("@grpc/proto-loader"),
    import("@grpc/reflection"),
  ]);
  const reflection = new ReflectionService(loadSync(files, { includeDirs: [folder], keepCase: true }));
  const answers = new Map<string, Answer>();
  // Its own handlers neither survive a peer that goes in the middle nor wait for one that does not read: what they would
  // be given by a server is taken here, and they see one request at a time.
  const taker = {
    addService(definition: ServiceDefinition, handlers: UntypedServiceImplementation) {
      const { path, requestDeserialize, responseSerialize } = definition[method]!;
      const handle = handlers[method] as unknown as (stream: Stream) => void;
      answers.set(path.split("/")[1]!, (request) => {
        let answer: unknown;
        handle({
          on: (event, listener) => {
            if (event === "data") listener(requestDeserialize(request));
          },
          write: (response) => {
            answer = response;
          },
          end: () => {},
        });
        return responseSerialize(answer);
      });
    },
  };
  reflection.addToServer(taker as unknown as Server);
  return answers;
}

/** What a handler of the reflection package uses of its stream. */
interface Stream {
  on(event: string, listener: (message?: unknown) => void): void;
  write(response: unknown): void;
  end(): void;
}
