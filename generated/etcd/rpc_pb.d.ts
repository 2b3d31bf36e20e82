// package: etcdserverpb
// file: etcd/rpc.proto

/* tslint:disable */
/* eslint-disable */

import * as jspb from "google-protobuf";

export class KeyValue extends jspb.Message { 
    getKey(): Uint8Array | string;
    getKey_asU8(): Uint8Array;
    getKey_asB64(): string;
    setKey(value: Uint8Array | string): KeyValue;
    getValue(): Uint8Array | string;
    getValue_asU8(): Uint8Array;
    getValue_asB64(): string;
    setValue(value: Uint8Array | string): KeyValue;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): KeyValue.AsObject;
    static toObject(includeInstance: boolean, msg: KeyValue): KeyValue.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: KeyValue, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): KeyValue;
    static deserializeBinaryFromReader(message: KeyValue, reader: jspb.BinaryReader): KeyValue;
}

export namespace KeyValue {
    export type AsObject = {
        key: Uint8Array | string,
        value: Uint8Array | string,
    }
}

export class RangeRequest extends jspb.Message { 
    getKey(): Uint8Array | string;
    getKey_asU8(): Uint8Array;
    getKey_asB64(): string;
    setKey(value: Uint8Array | string): RangeRequest;
    getRangeEnd(): Uint8Array | string;
    getRangeEnd_asU8(): Uint8Array;
    getRangeEnd_asB64(): string;
    setRangeEnd(value: Uint8Array | string): RangeRequest;
    getLimit(): number;
    setLimit(value: number): RangeRequest;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): RangeRequest.AsObject;
    static toObject(includeInstance: boolean, msg: RangeRequest): RangeRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: RangeRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): RangeRequest;
    static deserializeBinaryFromReader(message: RangeRequest, reader: jspb.BinaryReader): RangeRequest;
}

export namespace RangeRequest {
    export type AsObject = {
        key: Uint8Array | string,
        rangeEnd: Uint8Array | string,
        limit: number,
    }
}

export class RangeResponse extends jspb.Message { 
    clearKvsList(): void;
    getKvsList(): Array<KeyValue>;
    setKvsList(value: Array<KeyValue>): RangeResponse;
    addKvs(value?: KeyValue, index?: number): KeyValue;
    getMore(): boolean;
    setMore(value: boolean): RangeResponse;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): RangeResponse.AsObject;
    static toObject(includeInstance: boolean, msg: RangeResponse): RangeResponse.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: RangeResponse, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): RangeResponse;
    static deserializeBinaryFromReader(message: RangeResponse, reader: jspb.BinaryReader): RangeResponse;
}

export namespace RangeResponse {
    export type AsObject = {
        kvsList: Array<KeyValue.AsObject>,
        more: boolean,
    }
}

export class PutRequest extends jspb.Message { 
    getKey(): Uint8Array | string;
    getKey_asU8(): Uint8Array;
    getKey_asB64(): string;
    setKey(value: Uint8Array | string): PutRequest;
    getValue(): Uint8Array | string;
    getValue_asU8(): Uint8Array;
    getValue_asB64(): string;
    setValue(value: Uint8Array | string): PutRequest;
    getLease(): string;
    setLease(value: string): PutRequest;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): PutRequest.AsObject;
    static toObject(includeInstance: boolean, msg: PutRequest): PutRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: PutRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): PutRequest;
    static deserializeBinaryFromReader(message: PutRequest, reader: jspb.BinaryReader): PutRequest;
}

export namespace PutRequest {
    export type AsObject = {
        key: Uint8Array | string,
        value: Uint8Array | string,
        lease: string,
    }
}

export class PutResponse extends jspb.Message { 

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): PutResponse.AsObject;
    static toObject(includeInstance: boolean, msg: PutResponse): PutResponse.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: PutResponse, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): PutResponse;
    static deserializeBinaryFromReader(message: PutResponse, reader: jspb.BinaryReader): PutResponse;
}

export namespace PutResponse {
    export type AsObject = {
    }
}

export class LeaseGrantRequest extends jspb.Message { 
    getTtl(): number;
    setTtl(value: number): LeaseGrantRequest;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): LeaseGrantRequest.AsObject;
    static toObject(includeInstance: boolean, msg: LeaseGrantRequest): LeaseGrantRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: LeaseGrantRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): LeaseGrantRequest;
    static deserializeBinaryFromReader(message: LeaseGrantRequest, reader: jspb.BinaryReader): LeaseGrantRequest;
}

export namespace LeaseGrantRequest {
    export type AsObject = {
        ttl: number,
    }
}

export class LeaseGrantResponse extends jspb.Message { 
    getId(): string;
    setId(value: string): LeaseGrantResponse;
    getTtl(): number;
    setTtl(value: number): LeaseGrantResponse;
    getError(): string;
    setError(value: string): LeaseGrantResponse;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): LeaseGrantResponse.AsObject;
    static toObject(includeInstance: boolean, msg: LeaseGrantResponse): LeaseGrantResponse.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: LeaseGrantResponse, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): LeaseGrantResponse;
    static deserializeBinaryFromReader(message: LeaseGrantResponse, reader: jspb.BinaryReader): LeaseGrantResponse;
}

export namespace LeaseGrantResponse {
    export type AsObject = {
        id: string,
        ttl: number,
        error: string,
    }
}

export class LeaseRevokeRequest extends jspb.Message { 
    getId(): string;
    setId(value: string): LeaseRevokeRequest;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): LeaseRevokeRequest.AsObject;
    static toObject(includeInstance: boolean, msg: LeaseRevokeRequest): LeaseRevokeRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: LeaseRevokeRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): LeaseRevokeRequest;
    static deserializeBinaryFromReader(message: LeaseRevokeRequest, reader: jspb.BinaryReader): LeaseRevokeRequest;
}

export namespace LeaseRevokeRequest {
    export type AsObject = {
        id: string,
    }
}

export class LeaseRevokeResponse extends jspb.Message { 

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): LeaseRevokeResponse.AsObject;
    static toObject(includeInstance: boolean, msg: LeaseRevokeResponse): LeaseRevokeResponse.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: LeaseRevokeResponse, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): LeaseRevokeResponse;
    static deserializeBinaryFromReader(message: LeaseRevokeResponse, reader: jspb.BinaryReader): LeaseRevokeResponse;
}

export namespace LeaseRevokeResponse {
    export type AsObject = {
    }
}

export class LeaseKeepAliveRequest extends jspb.Message { 
    getId(): string;
    setId(value: string): LeaseKeepAliveRequest;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): LeaseKeepAliveRequest.AsObject;
    static toObject(includeInstance: boolean, msg: LeaseKeepAliveRequest): LeaseKeepAliveRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: LeaseKeepAliveRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): LeaseKeepAliveRequest;
    static deserializeBinaryFromReader(message: LeaseKeepAliveRequest, reader: jspb.BinaryReader): LeaseKeepAliveRequest;
}

export namespace LeaseKeepAliveRequest {
    export type AsObject = {
        id: string,
    }
}

export class LeaseKeepAliveResponse extends jspb.Message { 
    getId(): string;
    setId(value: string): LeaseKeepAliveResponse;
    getTtl(): number;
    setTtl(value: number): LeaseKeepAliveResponse;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): LeaseKeepAliveResponse.AsObject;
    static toObject(includeInstance: boolean, msg: LeaseKeepAliveResponse): LeaseKeepAliveResponse.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: LeaseKeepAliveResponse, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): LeaseKeepAliveResponse;
    static deserializeBinaryFromReader(message: LeaseKeepAliveResponse, reader: jspb.BinaryReader): LeaseKeepAliveResponse;
}

export namespace LeaseKeepAliveResponse {
    export type AsObject = {
        id: string,
        ttl: number,
    }
}

export class AuthenticateRequest extends jspb.Message { 
    getName(): string;
    setName(value: string): AuthenticateRequest;
    getPassword(): string;
    setPassword(value: string): AuthenticateRequest;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): AuthenticateRequest.AsObject;
    static toObject(includeInstance: boolean, msg: AuthenticateRequest): AuthenticateRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: AuthenticateRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): AuthenticateRequest;
    static deserializeBinaryFromReader(message: AuthenticateRequest, reader: jspb.BinaryReader): AuthenticateRequest;
}

export namespace AuthenticateRequest {
    export type AsObject = {
        name: string,
        password: string,
    }
}

export class AuthenticateResponse extends jspb.Message { 
    getToken(): string;
    setToken(value: string): AuthenticateResponse;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): AuthenticateResponse.AsObject;
    static toObject(includeInstance: boolean, msg: AuthenticateResponse): AuthenticateResponse.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: AuthenticateResponse, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): AuthenticateResponse;
    static deserializeBinaryFromReader(message: AuthenticateResponse, reader: jspb.BinaryReader): AuthenticateResponse;
}

export namespace AuthenticateResponse {
    export type AsObject = {
        token: string,
    }
}
