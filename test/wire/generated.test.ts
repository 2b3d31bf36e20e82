// Proof that generated/ and proto/ agree: the .proto files are parsed here and now, and every message, field, enum and
// method is compared with the generated JavaScript, by what it encodes and decodes.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import protobuf from "protobufjs";
import { assert, suite } from "../harness.js";

const test = suite("generated code");

const protoFolder = resolve(import.meta.dirname, "../../proto");
const generatedFolder = resolve(import.meta.dirname, "../../generated");

interface Generated {
  serializeBinary(): Uint8Array;
  toObject(): Record<string, unknown>;
}

interface GeneratedMessage {
  new (): Generated;
  deserializeBinary(bytes: Uint8Array): Generated;
}

type Names = Record<string, unknown>;

interface GeneratedMethod {
  path: string;
  requestStream: boolean;
  responseStream: boolean;
  requestType: unknown;
  responseType: unknown;
  requestSerialize(message: Generated): Buffer;
  requestDeserialize(bytes: Buffer): Generated;
  responseSerialize(message: Generated): Buffer;
  responseDeserialize(bytes: Buffer): Generated;
}

const filesIn = (folder: string, end: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(end))
    .map((name) => relative(folder, join(folder, name)).slice(0, -end.length))
    .sort();

const protoFiles = filesIn(protoFolder, ".proto");
const root = new protobuf.Root();
// Imports are written from the folder of all of them, as protoc wants it.
root.resolvePath = (_, target) => resolve(protoFolder, target);
root.loadSync(
  protoFiles.map((file) => join(protoFolder, `${file}.proto`)),
  { keepCase: true },
);
root.resolveAll();

const all: protobuf.ReflectionObject[] = [];
const collect = (object: protobuf.ReflectionObject) => {
  all.push(object);
  if (object instanceof protobuf.Namespace) object.nestedArray.forEach(collect);
};
root.nestedArray.forEach(collect);
const types = all.filter((object) => object instanceof protobuf.Type);
const enums = all.filter((object) => object instanceof protobuf.Enum);
const services = all.filter((object) => object instanceof protobuf.Service);

/** What a generated file exports. */
const load = async (name: string): Promise<Names> =>
  (await import(pathToFileURL(join(generatedFolder, `${name}.js`)).href)).default;

/** The exports of all files of a package, `reprise.v1` for example, under its name. */
const packages = new Map<string, Names>();
const clients = new Map<string, Names>();
for (const file of protoFiles) {
  const name = /^package (.+);$/m.exec(readFileSync(join(protoFolder, `${file}.proto`), "utf8"))![1]!;
  packages.set(name, { ...packages.get(name), ...(await load(`${file}_pb`)) });
  clients.set(name, { ...clients.get(name), ...(await load(`${file}_grpc_pb`)) });
}

const nameOf = (object: protobuf.ReflectionObject) => object.fullName.slice(1);

/** The generated counterpart of a message or enum. */
function counterpart(object: protobuf.ReflectionObject): unknown {
  const name = nameOf(object);
  for (const [pack, names] of packages) {
    if (!name.startsWith(`${pack}.`)) continue;
    const path = name.slice(pack.length + 1).split(".");
    return path.reduce<unknown>((found, part) => (found as Names | undefined)?.[part], names);
  }
  return undefined;
}

const messageOf = (type: protobuf.Type) => counterpart(type) as GeneratedMessage;

const camel = (name: string) => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const capital = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
/** Words of JavaScript that are names of fields. */
const reserved = new Set(["new", "default", "delete", "class", "function", "in", "export", "import"]);

function keyOf(field: protobuf.Field): string {
  const name = camel(field.name);
  return (reserved.has(name) ? `pb_${name}` : name) + (field.repeated ? "List" : "");
}

const isText = (field: protobuf.Field) => field.options?.jstype === "JS_STRING";

// A value: for each field that is set, strings, numbers, booleans, Buffers, decimal strings for 64 bits, or values.
type Value = Record<string, unknown>;

/** Values that tell the types of the wire apart: of the one type they are read otherwise than of any other. */
function scalar(field: protobuf.Field): fc.Arbitrary<unknown> {
  switch (field.type) {
    case "string":
      return fc.string({ unit: "binary", minLength: 1, maxLength: 20 }).map((text) => `${text}é`);
    case "bytes":
      return fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => Buffer.from([0xff, ...bytes]));
    case "bool":
      return fc.constant(true);
    case "int32":
      return fc.oneof(fc.integer({ min: -(2 ** 31), max: -1 }), fc.integer({ min: 1, max: 2 ** 31 - 1 }));
    case "uint32":
      return fc.integer({ min: 1, max: 2 ** 32 - 1 });
    case "int64":
      return isText(field)
        ? fc.bigInt({ min: -(2n ** 63n), max: -1n }).map(String)
        : fc.integer({ min: Number.MIN_SAFE_INTEGER, max: -1 }).map((n) => `${n}`);
    case "uint64":
    case "fixed64":
      return isText(field)
        ? fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map(String)
        : fc
            .oneof(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), fc.constant(2 ** 63))
            .map((n) => `${BigInt(n)}`);
    default:
      if (field.resolvedType instanceof protobuf.Enum) {
        return fc.constantFrom(...Object.values(field.resolvedType.values).filter((value) => value !== 0));
      }
      if (field.resolvedType instanceof protobuf.Type) return valuesOf(field.resolvedType);
      throw new Error(`this test does not know the type of ${field.fullName} yet: ${field.type}`);
  }
}

const fieldValue = (field: protobuf.Field) =>
  field.repeated ? fc.array(scalar(field), { minLength: 1, maxLength: 3 }) : scalar(field);

/** A message with any of its fields set, at most one of each oneof. */
function valuesOf(type: protobuf.Type): fc.Arbitrary<Value> {
  const single = type.fieldsArray.filter((field) => field.partOf === null);
  const record = fc.record(Object.fromEntries(single.map((field) => [field.name, fieldValue(field)])), {
    requiredKeys: [],
  });
  const choices = type.oneofsArray.map((oneof) =>
    fc.option(
      fc.oneof(...oneof.fieldsArray.map((field) => fieldValue(field).map((value): Value => ({ [field.name]: value })))),
      { nil: {}, freq: 10 },
    ),
  );
  return fc.tuple(record, ...choices).map((parts) => Object.assign({}, ...parts));
}

/** What the generated `toObject` answers for a value. */
function objectOf(type: protobuf.Type, value: Value): Value {
  const entries = type.fieldsArray.map((field) => {
    const set = value[field.name];
    if (field.repeated) return [keyOf(field), ((set ?? []) as unknown[]).map((item) => plain(field, item))];
    return [keyOf(field), plain(field, set)];
  });
  return Object.fromEntries(entries);
}

function plain(field: protobuf.Field, value: unknown): unknown {
  if (field.resolvedType instanceof protobuf.Type) return value && objectOf(field.resolvedType, value as Value);
  if (field.type === "bytes") return value ? (value as Buffer).toString("base64") : "";
  if (field.type.endsWith("64")) return isText(field) ? (value ?? "0") : Number(value ?? 0);
  if (value !== undefined) return value;
  return field.type === "string" ? "" : field.type === "bool" ? false : 0;
}

/** The generated message, filled through its setters. */
function build(type: protobuf.Type, value: Value): Generated {
  const message = new (messageOf(type))();
  for (const field of type.fieldsArray) {
    const set = value[field.name];
    if (set === undefined) continue;
    const single = (item: unknown) => {
      if (field.resolvedType instanceof protobuf.Type) return build(field.resolvedType, item as Value);
      return field.type.endsWith("64") && !isText(field) ? Number(item) : item;
    };
    const setter = `set${capital(camel(field.name))}${field.repeated ? "List" : ""}`;
    const call = (message as unknown as Record<string, ((value: unknown) => void) | undefined>)[setter];
    if (!call) throw new Error(`${nameOf(type)} has no ${setter}`);
    call.call(message, field.repeated ? (set as unknown[]).map(single) : single(set));
  }
  return message;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test("every .proto file has its generated files, and there are no others", () => {
  assert.ok(protoFiles.length >= 3);
  assert.equal(filesIn(generatedFolder, "_grpc_pb.js"), protoFiles);
  assert.equal(
    filesIn(generatedFolder, "_pb.js").filter((name) => !name.endsWith("_grpc")),
    protoFiles,
  );
  for (const end of ["_pb.d.ts", "_grpc_pb.d.ts"]) {
    const names = filesIn(generatedFolder, end).filter((name) => end === "_grpc_pb.d.ts" || !name.endsWith("_grpc"));
    assert.equal(names, protoFiles);
  }
});

test("the generated messages and enums are those of the .proto files", () => {
  for (const [pack, names] of packages) {
    const declared = [...types, ...enums].map(nameOf).filter((name) => name.startsWith(`${pack}.`));
    const top = declared.map((name) => name.slice(pack.length + 1)).filter((name) => !name.includes("."));
    assert.equal(Object.keys(names).sort(), top.sort());
  }
});

for (const type of types) {
  test(`${nameOf(type)}: fields, numbers, types and oneofs agree`, () => {
    const generated = messageOf(type);
    assert.type(generated, "function");
    fc.assert(
      fc.property(valuesOf(type), (value) => {
        const bytes = type.encode(type.fromObject(value)).finish();
        const decoded = generated.deserializeBinary(bytes);
        assert.equal(decoded.toObject(), objectOf(type, value));
        assert.is(hex(decoded.serializeBinary()), hex(bytes));
        assert.is(hex(build(type, value).serializeBinary()), hex(bytes));
      }),
      { numRuns: 200 },
    );
    const cases = Object.fromEntries(
      type.oneofsArray.map((oneof) => [
        `${capital(camel(oneof.name))}Case`,
        Object.fromEntries([
          [`${oneof.name.toUpperCase()}_NOT_SET`, 0],
          ...oneof.fieldsArray.map((field) => [field.name.toUpperCase(), field.id]),
        ]),
      ]),
    );
    const found = Object.entries(generated).filter(([name]) => name.endsWith("Case"));
    assert.equal(Object.fromEntries(found), cases);
  });
}

for (const each of enums) {
  test(`${nameOf(each)}: values agree`, () => assert.equal(counterpart(each), each.values));
}

test("the generated services are those of the .proto files", () => {
  const names = services.map((service) => `${service.name}Service`).sort();
  const generated = [...clients.values()].flatMap((exports) => Object.keys(exports));
  assert.equal(generated.filter((name) => name.endsWith("Service")).sort(), names);
  const clientNames = services.map((service) => `${service.name}Client`).sort();
  assert.equal(generated.filter((name) => name.endsWith("Client")).sort(), clientNames);
});

for (const service of services) {
  test(`${nameOf(service)}: methods, paths, streams and types agree`, () => {
    const pack = nameOf(service).slice(0, -service.name.length - 1);
    const generated = clients.get(pack)?.[`${service.name}Service`] as Record<string, GeneratedMethod>;
    const lower = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
    assert.equal(Object.keys(generated).sort(), service.methodsArray.map((method) => lower(method.name)).sort());
    for (const method of service.methodsArray) {
      const found = generated[lower(method.name)]!;
      assert.equal(
        [found.path, found.requestStream, found.responseStream],
        [`/${nameOf(service)}/${method.name}`, method.requestStream === true, method.responseStream === true],
      );
      const request = messageOf(method.resolvedRequestType!);
      const response = messageOf(method.resolvedResponseType!);
      assert.ok(found.requestType === request && found.responseType === response, `types of ${method.name}`);
      assert.instance(found.requestDeserialize(found.requestSerialize(new request())), request);
      assert.instance(found.responseDeserialize(found.responseSerialize(new response())), response);
    }
  });
}

test.run();
