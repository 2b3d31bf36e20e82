// package: reprise.v1
// file: reprise/v1/admin.proto

/* tslint:disable */
/* eslint-disable */

import * as grpc from "@grpc/grpc-js";
import * as reprise_v1_admin_pb from "../../reprise/v1/admin_pb";
import * as reprise_v1_broker_pb from "../../reprise/v1/broker_pb";

interface IAdminService extends grpc.ServiceDefinition<grpc.UntypedServiceImplementation> {
    listChannels: IAdminService_IListChannels;
    getChannel: IAdminService_IGetChannel;
    listSessions: IAdminService_IListSessions;
    listNodes: IAdminService_IListNodes;
    listMembers: IAdminService_IListMembers;
    drain: IAdminService_IDrain;
}

interface IAdminService_IListChannels extends grpc.MethodDefinition<reprise_v1_admin_pb.ListChannelsRequest, reprise_v1_admin_pb.ListChannelsResponse> {
    path: "/reprise.v1.Admin/ListChannels";
    requestStream: false;
    responseStream: false;
    requestSerialize: grpc.serialize<reprise_v1_admin_pb.ListChannelsRequest>;
    requestDeserialize: grpc.deserialize<reprise_v1_admin_pb.ListChannelsRequest>;
    responseSerialize: grpc.serialize<reprise_v1_admin_pb.ListChannelsResponse>;
    responseDeserialize: grpc.deserialize<reprise_v1_admin_pb.ListChannelsResponse>;
}
interface IAdminService_IGetChannel extends grpc.MethodDefinition<reprise_v1_admin_pb.GetChannelRequest, reprise_v1_admin_pb.ChannelInfo> {
    path: "/reprise.v1.Admin/GetChannel";
    requestStream: false;
    responseStream: false;
    requestSerialize: grpc.serialize<reprise_v1_admin_pb.GetChannelRequest>;
    requestDeserialize: grpc.deserialize<reprise_v1_admin_pb.GetChannelRequest>;
    responseSerialize: grpc.serialize<reprise_v1_admin_pb.ChannelInfo>;
    responseDeserialize: grpc.deserialize<reprise_v1_admin_pb.ChannelInfo>;
}
interface IAdminService_IListSessions extends grpc.MethodDefinition<reprise_v1_admin_pb.ListSessionsRequest, reprise_v1_admin_pb.ListSessionsResponse> {
    path: "/reprise.v1.Admin/ListSessions";
    requestStream: false;
    responseStream: false;
    requestSerialize: grpc.serialize<reprise_v1_admin_pb.ListSessionsRequest>;
    requestDeserialize: grpc.deserialize<reprise_v1_admin_pb.ListSessionsRequest>;
    responseSerialize: grpc.serialize<reprise_v1_admin_pb.ListSessionsResponse>;
    responseDeserialize: grpc.deserialize<reprise_v1_admin_pb.ListSessionsResponse>;
}
interface IAdminService_IListNodes extends grpc.MethodDefinition<reprise_v1_admin_pb.ListNodesRequest, reprise_v1_admin_pb.ListNodesResponse> {
    path: "/reprise.v1.Admin/ListNodes";
    requestStream: false;
    responseStream: false;
    requestSerialize: grpc.serialize<reprise_v1_admin_pb.ListNodesRequest>;
    requestDeserialize: grpc.deserialize<reprise_v1_admin_pb.ListNodesRequest>;
    responseSerialize: grpc.serialize<reprise_v1_admin_pb.ListNodesResponse>;
    responseDeserialize: grpc.deserialize<reprise_v1_admin_pb.ListNodesResponse>;
}
interface IAdminService_IListMembers extends grpc.MethodDefinition<reprise_v1_admin_pb.ListMembersRequest, reprise_v1_admin_pb.ListMembersResponse> {
    path: "/reprise.v1.Admin/ListMembers";
    requestStream: false;
    responseStream: false;
    requestSerialize: grpc.serialize<reprise_v1_admin_pb.ListMembersRequest>;
    requestDeserialize: grpc.deserialize<reprise_v1_admin_pb.ListMembersRequest>;
    responseSerialize: grpc.serialize<reprise_v1_admin_pb.ListMembersResponse>;
    responseDeserialize: grpc.deserialize<reprise_v1_admin_pb.ListMembersResponse>;
}
interface IAdminService_IDrain extends grpc.MethodDefinition<reprise_v1_admin_pb.DrainRequest, reprise_v1_admin_pb.DrainProgress> {
    path: "/reprise.v1.Admin/Drain";
    requestStream: false;
    responseStream: true;
    requestSerialize: grpc.serialize<reprise_v1_admin_pb.DrainRequest>;
    requestDeserialize: grpc.deserialize<reprise_v1_admin_pb.DrainRequest>;
    responseSerialize: grpc.serialize<reprise_v1_admin_pb.DrainProgress>;
    responseDeserialize: grpc.deserialize<reprise_v1_admin_pb.DrainProgress>;
}

export const AdminService: IAdminService;

export interface IAdminServer extends grpc.UntypedServiceImplementation {
    listChannels: grpc.handleUnaryCall<reprise_v1_admin_pb.ListChannelsRequest, reprise_v1_admin_pb.ListChannelsResponse>;
    getChannel: grpc.handleUnaryCall<reprise_v1_admin_pb.GetChannelRequest, reprise_v1_admin_pb.ChannelInfo>;
    listSessions: grpc.handleUnaryCall<reprise_v1_admin_pb.ListSessionsRequest, reprise_v1_admin_pb.ListSessionsResponse>;
    listNodes: grpc.handleUnaryCall<reprise_v1_admin_pb.ListNodesRequest, reprise_v1_admin_pb.ListNodesResponse>;
    listMembers: grpc.handleUnaryCall<reprise_v1_admin_pb.ListMembersRequest, reprise_v1_admin_pb.ListMembersResponse>;
    drain: grpc.handleServerStreamingCall<reprise_v1_admin_pb.DrainRequest, reprise_v1_admin_pb.DrainProgress>;
}

export interface IAdminClient {
    listChannels(request: reprise_v1_admin_pb.ListChannelsRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListChannelsResponse) => void): grpc.ClientUnaryCall;
    listChannels(request: reprise_v1_admin_pb.ListChannelsRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListChannelsResponse) => void): grpc.ClientUnaryCall;
    listChannels(request: reprise_v1_admin_pb.ListChannelsRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListChannelsResponse) => void): grpc.ClientUnaryCall;
    getChannel(request: reprise_v1_admin_pb.GetChannelRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ChannelInfo) => void): grpc.ClientUnaryCall;
    getChannel(request: reprise_v1_admin_pb.GetChannelRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ChannelInfo) => void): grpc.ClientUnaryCall;
    getChannel(request: reprise_v1_admin_pb.GetChannelRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ChannelInfo) => void): grpc.ClientUnaryCall;
    listSessions(request: reprise_v1_admin_pb.ListSessionsRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListSessionsResponse) => void): grpc.ClientUnaryCall;
    listSessions(request: reprise_v1_admin_pb.ListSessionsRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListSessionsResponse) => void): grpc.ClientUnaryCall;
    listSessions(request: reprise_v1_admin_pb.ListSessionsRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListSessionsResponse) => void): grpc.ClientUnaryCall;
    listNodes(request: reprise_v1_admin_pb.ListNodesRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListNodesResponse) => void): grpc.ClientUnaryCall;
    listNodes(request: reprise_v1_admin_pb.ListNodesRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListNodesResponse) => void): grpc.ClientUnaryCall;
    listNodes(request: reprise_v1_admin_pb.ListNodesRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListNodesResponse) => void): grpc.ClientUnaryCall;
    listMembers(request: reprise_v1_admin_pb.ListMembersRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListMembersResponse) => void): grpc.ClientUnaryCall;
    listMembers(request: reprise_v1_admin_pb.ListMembersRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListMembersResponse) => void): grpc.ClientUnaryCall;
    listMembers(request: reprise_v1_admin_pb.ListMembersRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListMembersResponse) => void): grpc.ClientUnaryCall;
    drain(request: reprise_v1_admin_pb.DrainRequest, options?: Partial<grpc.CallOptions>): grpc.ClientReadableStream<reprise_v1_admin_pb.DrainProgress>;
    drain(request: reprise_v1_admin_pb.DrainRequest, metadata?: grpc.Metadata, options?: Partial<grpc.CallOptions>): grpc.ClientReadableStream<reprise_v1_admin_pb.DrainProgress>;
}

export class AdminClient extends grpc.Client implements IAdminClient {
    constructor(address: string, credentials: grpc.ChannelCredentials, options?: Partial<grpc.ClientOptions>);
    public listChannels(request: reprise_v1_admin_pb.ListChannelsRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListChannelsResponse) => void): grpc.ClientUnaryCall;
    public listChannels(request: reprise_v1_admin_pb.ListChannelsRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListChannelsResponse) => void): grpc.ClientUnaryCall;
    public listChannels(request: reprise_v1_admin_pb.ListChannelsRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListChannelsResponse) => void): grpc.ClientUnaryCall;
    public getChannel(request: reprise_v1_admin_pb.GetChannelRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ChannelInfo) => void): grpc.ClientUnaryCall;
    public getChannel(request: reprise_v1_admin_pb.GetChannelRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ChannelInfo) => void): grpc.ClientUnaryCall;
    public getChannel(request: reprise_v1_admin_pb.GetChannelRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ChannelInfo) => void): grpc.ClientUnaryCall;
    public listSessions(request: reprise_v1_admin_pb.ListSessionsRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListSessionsResponse) => void): grpc.ClientUnaryCall;
    public listSessions(request: reprise_v1_admin_pb.ListSessionsRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListSessionsResponse) => void): grpc.ClientUnaryCall;
    public listSessions(request: reprise_v1_admin_pb.ListSessionsRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListSessionsResponse) => void): grpc.ClientUnaryCall;
    public listNodes(request: reprise_v1_admin_pb.ListNodesRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListNodesResponse) => void): grpc.ClientUnaryCall;
    public listNodes(request: reprise_v1_admin_pb.ListNodesRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListNodesResponse) => void): grpc.ClientUnaryCall;
    public listNodes(request: reprise_v1_admin_pb.ListNodesRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListNodesResponse) => void): grpc.ClientUnaryCall;
    public listMembers(request: reprise_v1_admin_pb.ListMembersRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListMembersResponse) => void): grpc.ClientUnaryCall;
    public listMembers(request: reprise_v1_admin_pb.ListMembersRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListMembersResponse) => void): grpc.ClientUnaryCall;
    public listMembers(request: reprise_v1_admin_pb.ListMembersRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListMembersResponse) => void): grpc.ClientUnaryCall;
    public drain(request: reprise_v1_admin_pb.DrainRequest, options?: Partial<grpc.CallOptions>): grpc.ClientReadableStream<reprise_v1_admin_pb.DrainProgress>;
    public drain(request: reprise_v1_admin_pb.DrainRequest, metadata?: grpc.Metadata, options?: Partial<grpc.CallOptions>): grpc.ClientReadableStream<reprise_v1_admin_pb.DrainProgress>;
}
