// package: etcdserverpb
// file: etcd/rpc.proto

/* tslint:disable */
/* eslint-disable */

import * as grpc from "@grpc/grpc-js";
import * as etcd_rpc_pb from "../etcd/rpc_pb";

interface IKVService extends grpc.ServiceDefinition<grpc.UntypedServiceImplementation> {
    range: IKVService_IRange;
    put: IKVService_IPut;
}

interface IKVService_IRange extends grpc.MethodDefinition<etcd_rpc_pb.RangeRequest, etcd_rpc_pb.RangeResponse> {
    path: "/etcdserverpb.KV/Range";
    requestStream: false;
    responseStream: false;
    requestSerialize: grpc.serialize<etcd_rpc_pb.RangeRequest>;
    requestDeserialize: grpc.deserialize<etcd_rpc_pb.RangeRequest>;
    responseSerialize: grpc.serialize<etcd_rpc_pb.RangeResponse>;
    responseDeserialize: grpc.deserialize<etcd_rpc_pb.RangeResponse>;
}
interface IKVService_IPut extends grpc.MethodDefinition<etcd_rpc_pb.PutRequest, etcd_rpc_pb.PutResponse> {
    path: "/etcdserverpb.KV/Put";
    requestStream: false;
    responseStream: false;
    requestSerialize: grpc.serialize<etcd_rpc_pb.PutRequest>;
    requestDeserialize: grpc.deserialize<etcd_rpc_pb.PutRequest>;
    responseSerialize: grpc.serialize<etcd_rpc_pb.PutResponse>;
    responseDeserialize: grpc.deserialize<etcd_rpc_pb.PutResponse>;
}

export const KVService: IKVService;

export interface IKVServer extends grpc.UntypedServiceImplementation {
    range: grpc.handleUnaryCall<etcd_rpc_pb.RangeRequest, etcd_rpc_pb.RangeResponse>;
    put: grpc.handleUnaryCall<etcd_rpc_pb.PutRequest, etcd_rpc_pb.PutResponse>;
}

export interface IKVClient {
    range(request: etcd_rpc_pb.RangeRequest, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.RangeResponse) => void): grpc.ClientUnaryCall;
    range(request: etcd_rpc_pb.RangeRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.RangeResponse) => void): grpc.ClientUnaryCall;
    range(request: etcd_rpc_pb.RangeRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.RangeResponse) => void): grpc.ClientUnaryCall;
    put(request: etcd_rpc_pb.PutRequest, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.PutResponse) => void): grpc.ClientUnaryCall;
    put(request: etcd_rpc_pb.PutRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.PutResponse) => void): grpc.ClientUnaryCall;
    put(request: etcd_rpc_pb.PutRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.PutResponse) => void): grpc.ClientUnaryCall;
}

export class KVClient extends grpc.Client implements IKVClient {
    constructor(address: string, credentials: grpc.ChannelCredentials, options?: Partial<grpc.ClientOptions>);
    public range(request: etcd_rpc_pb.RangeRequest, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.RangeResponse) => void): grpc.ClientUnaryCall;
    public range(request: etcd_rpc_pb.RangeRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.RangeResponse) => void): grpc.ClientUnaryCall;
    public range(request: etcd_rpc_pb.RangeRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.RangeResponse) => void): grpc.ClientUnaryCall;
    public put(request: etcd_rpc_pb.PutRequest, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.PutResponse) => void): grpc.ClientUnaryCall;
    public put(request: etcd_rpc_pb.PutRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.PutResponse) => void): grpc.ClientUnaryCall;
    public put(request: etcd_rpc_pb.PutRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.PutResponse) => void): grpc.ClientUnaryCall;
}

interface ILeaseService extends grpc.ServiceDefinition<grpc.UntypedServiceImplementation> {
    leaseGrant: ILeaseService_ILeaseGrant;
    leaseRevoke: ILeaseService_ILeaseRevoke;
    leaseKeepAlive: ILeaseService_ILeaseKeepAlive;
}

interface ILeaseService_ILeaseGrant extends grpc.MethodDefinition<etcd_rpc_pb.LeaseGrantRequest, etcd_rpc_pb.LeaseGrantResponse> {
    path: "/etcdserverpb.Lease/LeaseGrant";
    requestStream: false;
    responseStream: false;
    requestSerialize: grpc.serialize<etcd_rpc_pb.LeaseGrantRequest>;
    requestDeserialize: grpc.deserialize<etcd_rpc_pb.LeaseGrantRequest>;
    responseSerialize: grpc.serialize<etcd_rpc_pb.LeaseGrantResponse>;
    responseDeserialize: grpc.deserialize<etcd_rpc_pb.LeaseGrantResponse>;
}
interface ILeaseService_ILeaseRevoke extends grpc.MethodDefinition<etcd_rpc_pb.LeaseRevokeRequest, etcd_rpc_pb.LeaseRevokeResponse> {
    path: "/etcdserverpb.Lease/LeaseRevoke";
    requestStream: false;
    responseStream: false;
    requestSerialize: grpc.serialize<etcd_rpc_pb.LeaseRevokeRequest>;
    requestDeserialize: grpc.deserialize<etcd_rpc_pb.LeaseRevokeRequest>;
    responseSerialize: grpc.serialize<etcd_rpc_pb.LeaseRevokeResponse>;
    responseDeserialize: grpc.deserialize<etcd_rpc_pb.LeaseRevokeResponse>;
}
interface ILeaseService_ILeaseKeepAlive extends grpc.MethodDefinition<etcd_rpc_pb.LeaseKeepAliveRequest, etcd_rpc_pb.LeaseKeepAliveResponse> {
    path: "/etcdserverpb.Lease/LeaseKeepAlive";
    requestStream: true;
    responseStream: true;
    requestSerialize: grpc.serialize<etcd_rpc_pb.LeaseKeepAliveRequest>;
    requestDeserialize: grpc.deserialize<etcd_rpc_pb.LeaseKeepAliveRequest>;
    responseSerialize: grpc.serialize<etcd_rpc_pb.LeaseKeepAliveResponse>;
    responseDeserialize: grpc.deserialize<etcd_rpc_pb.LeaseKeepAliveResponse>;
}

export const LeaseService: ILeaseService;

export interface ILeaseServer extends grpc.UntypedServiceImplementation {
    leaseGrant: grpc.handleUnaryCall<etcd_rpc_pb.LeaseGrantRequest, etcd_rpc_pb.LeaseGrantResponse>;
    leaseRevoke: grpc.handleUnaryCall<etcd_rpc_pb.LeaseRevokeRequest, etcd_rpc_pb.LeaseRevokeResponse>;
    leaseKeepAlive: grpc.handleBidiStreamingCall<etcd_rpc_pb.LeaseKeepAliveRequest, etcd_rpc_pb.LeaseKeepAliveResponse>;
}

export interface ILeaseClient {
    leaseGrant(request: etcd_rpc_pb.LeaseGrantRequest, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.LeaseGrantResponse) => void): grpc.ClientUnaryCall;
    leaseGrant(request: etcd_rpc_pb.LeaseGrantRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.LeaseGrantResponse) => void): grpc.ClientUnaryCall;
    leaseGrant(request: etcd_rpc_pb.LeaseGrantRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.LeaseGrantResponse) => void): grpc.ClientUnaryCall;
    leaseRevoke(request: etcd_rpc_pb.LeaseRevokeRequest, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.LeaseRevokeResponse) => void): grpc.ClientUnaryCall;
    leaseRevoke(request: etcd_rpc_pb.LeaseRevokeRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.LeaseRevokeResponse) => void): grpc.ClientUnaryCall;
    leaseRevoke(request: etcd_rpc_pb.LeaseRevokeRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.LeaseRevokeResponse) => void): grpc.ClientUnaryCall;
    leaseKeepAlive(): grpc.ClientDuplexStream<etcd_rpc_pb.LeaseKeepAliveRequest, etcd_rpc_pb.LeaseKeepAliveResponse>;
    leaseKeepAlive(options: Partial<grpc.CallOptions>): grpc.ClientDuplexStream<etcd_rpc_pb.LeaseKeepAliveRequest, etcd_rpc_pb.LeaseKeepAliveResponse>;
    leaseKeepAlive(metadata: grpc.Metadata, options?: Partial<grpc.CallOptions>): grpc.ClientDuplexStream<etcd_rpc_pb.LeaseKeepAliveRequest, etcd_rpc_pb.LeaseKeepAliveResponse>;
}

export class LeaseClient extends grpc.Client implements ILeaseClient {
    constructor(address: string, credentials: grpc.ChannelCredentials, options?: Partial<grpc.ClientOptions>);
    public leaseGrant(request: etcd_rpc_pb.LeaseGrantRequest, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.LeaseGrantResponse) => void): grpc.ClientUnaryCall;
    public leaseGrant(request: etcd_rpc_pb.LeaseGrantRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.LeaseGrantResponse) => void): grpc.ClientUnaryCall;
    public leaseGrant(request: etcd_rpc_pb.LeaseGrantRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.LeaseGrantResponse) => void): grpc.ClientUnaryCall;
    public leaseRevoke(request: etcd_rpc_pb.LeaseRevokeRequest, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.LeaseRevokeResponse) => void): grpc.ClientUnaryCall;
    public leaseRevoke(request: etcd_rpc_pb.LeaseRevokeRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.LeaseRevokeResponse) => void): grpc.ClientUnaryCall;
    public leaseRevoke(request: etcd_rpc_pb.LeaseRevokeRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.LeaseRevokeResponse) => void): grpc.ClientUnaryCall;
    public leaseKeepAlive(options?: Partial<grpc.CallOptions>): grpc.ClientDuplexStream<etcd_rpc_pb.LeaseKeepAliveRequest, etcd_rpc_pb.LeaseKeepAliveResponse>;
    public leaseKeepAlive(metadata?: grpc.Metadata, options?: Partial<grpc.CallOptions>): grpc.ClientDuplexStream<etcd_rpc_pb.LeaseKeepAliveRequest, etcd_rpc_pb.LeaseKeepAliveResponse>;
}

interface IAuthService extends grpc.ServiceDefinition<grpc.UntypedServiceImplementation> {
    authenticate: IAuthService_IAuthenticate;
}

interface IAuthService_IAuthenticate extends grpc.MethodDefinition<etcd_rpc_pb.AuthenticateRequest, etcd_rpc_pb.AuthenticateResponse> {
    path: "/etcdserverpb.Auth/Authenticate";
    requestStream: false;
    responseStream: false;
    requestSerialize: grpc.serialize<etcd_rpc_pb.AuthenticateRequest>;
    requestDeserialize: grpc.deserialize<etcd_rpc_pb.AuthenticateRequest>;
    responseSerialize: grpc.serialize<etcd_rpc_pb.AuthenticateResponse>;
    responseDeserialize: grpc.deserialize<etcd_rpc_pb.AuthenticateResponse>;
}

export const AuthService: IAuthService;

export interface IAuthServer extends grpc.UntypedServiceImplementation {
    authenticate: grpc.handleUnaryCall<etcd_rpc_pb.AuthenticateRequest, etcd_rpc_pb.AuthenticateResponse>;
}

export interface IAuthClient {
    authenticate(request: etcd_rpc_pb.AuthenticateRequest, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.AuthenticateResponse) => void): grpc.ClientUnaryCall;
    authenticate(request: etcd_rpc_pb.AuthenticateRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.AuthenticateResponse) => void): grpc.ClientUnaryCall;
    authenticate(request: etcd_rpc_pb.AuthenticateRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.AuthenticateResponse) => void): grpc.ClientUnaryCall;
}

export class AuthClient extends grpc.Client implements IAuthClient {
    constructor(address: string, credentials: grpc.ChannelCredentials, options?: Partial<grpc.ClientOptions>);
    public authenticate(request: etcd_rpc_pb.AuthenticateRequest, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.AuthenticateResponse) => void): grpc.ClientUnaryCall;
    public authenticate(request: etcd_rpc_pb.AuthenticateRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.AuthenticateResponse) => void): grpc.ClientUnaryCall;
    public authenticate(request: etcd_rpc_pb.AuthenticateRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: etcd_rpc_pb.AuthenticateResponse) => void): grpc.ClientUnaryCall;
}
