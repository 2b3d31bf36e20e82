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
    disconnectSession: IAdminService_IDisconnectSession;
    listSlowSubscribers: IAdminService_IListSlowSubscribers;
    trimChannel: IAdminService_ITrimChannel;
    deleteChannel: IAdminService_IDeleteChannel;
    listRetention: IAdminService_IListRetention;
    setRetention: IAdminService_ISetRetention;
    listEvents: IAdminService_IListEvents;
    getActivity: IAdminService_IGetActivity;
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
interface IAdminService_IDisconnectSession extends grpc.MethodDefinition<reprise_v1_admin_pb.DisconnectSessionRequest, reprise_v1_admin_pb.DisconnectSessionResponse> {
    path: "/reprise.v1.Admin/DisconnectSession";
    requestStream: false;
    responseStream: false;
    requestSerialize: grpc.serialize<reprise_v1_admin_pb.DisconnectSessionRequest>;
    requestDeserialize: grpc.deserialize<reprise_v1_admin_pb.DisconnectSessionRequest>;
    responseSerialize: grpc.serialize<reprise_v1_admin_pb.DisconnectSessionResponse>;
    responseDeserialize: grpc.deserialize<reprise_v1_admin_pb.DisconnectSessionResponse>;
}
interface IAdminService_IListSlowSubscribers extends grpc.MethodDefinition<reprise_v1_admin_pb.ListSlowSubscribersRequest, reprise_v1_admin_pb.ListSlowSubscribersResponse> {
    path: "/reprise.v1.Admin/ListSlowSubscribers";
    requestStream: false;
    responseStream: false;
    requestSerialize: grpc.serialize<reprise_v1_admin_pb.ListSlowSubscribersRequest>;
    requestDeserialize: grpc.deserialize<reprise_v1_admin_pb.ListSlowSubscribersRequest>;
    responseSerialize: grpc.serialize<reprise_v1_admin_pb.ListSlowSubscribersResponse>;
    responseDeserialize: grpc.deserialize<reprise_v1_admin_pb.ListSlowSubscribersResponse>;
}
interface IAdminService_ITrimChannel extends grpc.MethodDefinition<reprise_v1_admin_pb.TrimChannelRequest, reprise_v1_admin_pb.ChannelInfo> {
    path: "/reprise.v1.Admin/TrimChannel";
    requestStream: false;
    responseStream: false;
    requestSerialize: grpc.serialize<reprise_v1_admin_pb.TrimChannelRequest>;
    requestDeserialize: grpc.deserialize<reprise_v1_admin_pb.TrimChannelRequest>;
    responseSerialize: grpc.serialize<reprise_v1_admin_pb.ChannelInfo>;
    responseDeserialize: grpc.deserialize<reprise_v1_admin_pb.ChannelInfo>;
}
interface IAdminService_IDeleteChannel extends grpc.MethodDefinition<reprise_v1_admin_pb.DeleteChannelRequest, reprise_v1_admin_pb.DeleteChannelResponse> {
    path: "/reprise.v1.Admin/DeleteChannel";
    requestStream: false;
    responseStream: false;
    requestSerialize: grpc.serialize<reprise_v1_admin_pb.DeleteChannelRequest>;
    requestDeserialize: grpc.deserialize<reprise_v1_admin_pb.DeleteChannelRequest>;
    responseSerialize: grpc.serialize<reprise_v1_admin_pb.DeleteChannelResponse>;
    responseDeserialize: grpc.deserialize<reprise_v1_admin_pb.DeleteChannelResponse>;
}
interface IAdminService_IListRetention extends grpc.MethodDefinition<reprise_v1_admin_pb.ListRetentionRequest, reprise_v1_admin_pb.RetentionRules> {
    path: "/reprise.v1.Admin/ListRetention";
    requestStream: false;
    responseStream: false;
    requestSerialize: grpc.serialize<reprise_v1_admin_pb.ListRetentionRequest>;
    requestDeserialize: grpc.deserialize<reprise_v1_admin_pb.ListRetentionRequest>;
    responseSerialize: grpc.serialize<reprise_v1_admin_pb.RetentionRules>;
    responseDeserialize: grpc.deserialize<reprise_v1_admin_pb.RetentionRules>;
}
interface IAdminService_ISetRetention extends grpc.MethodDefinition<reprise_v1_admin_pb.SetRetentionRequest, reprise_v1_admin_pb.RetentionRules> {
    path: "/reprise.v1.Admin/SetRetention";
    requestStream: false;
    responseStream: false;
    requestSerialize: grpc.serialize<reprise_v1_admin_pb.SetRetentionRequest>;
    requestDeserialize: grpc.deserialize<reprise_v1_admin_pb.SetRetentionRequest>;
    responseSerialize: grpc.serialize<reprise_v1_admin_pb.RetentionRules>;
    responseDeserialize: grpc.deserialize<reprise_v1_admin_pb.RetentionRules>;
}
interface IAdminService_IListEvents extends grpc.MethodDefinition<reprise_v1_admin_pb.ListEventsRequest, reprise_v1_admin_pb.ListEventsResponse> {
    path: "/reprise.v1.Admin/ListEvents";
    requestStream: false;
    responseStream: false;
    requestSerialize: grpc.serialize<reprise_v1_admin_pb.ListEventsRequest>;
    requestDeserialize: grpc.deserialize<reprise_v1_admin_pb.ListEventsRequest>;
    responseSerialize: grpc.serialize<reprise_v1_admin_pb.ListEventsResponse>;
    responseDeserialize: grpc.deserialize<reprise_v1_admin_pb.ListEventsResponse>;
}
interface IAdminService_IGetActivity extends grpc.MethodDefinition<reprise_v1_admin_pb.GetActivityRequest, reprise_v1_admin_pb.GetActivityResponse> {
    path: "/reprise.v1.Admin/GetActivity";
    requestStream: false;
    responseStream: false;
    requestSerialize: grpc.serialize<reprise_v1_admin_pb.GetActivityRequest>;
    requestDeserialize: grpc.deserialize<reprise_v1_admin_pb.GetActivityRequest>;
    responseSerialize: grpc.serialize<reprise_v1_admin_pb.GetActivityResponse>;
    responseDeserialize: grpc.deserialize<reprise_v1_admin_pb.GetActivityResponse>;
}

export const AdminService: IAdminService;

export interface IAdminServer extends grpc.UntypedServiceImplementation {
    listChannels: grpc.handleUnaryCall<reprise_v1_admin_pb.ListChannelsRequest, reprise_v1_admin_pb.ListChannelsResponse>;
    getChannel: grpc.handleUnaryCall<reprise_v1_admin_pb.GetChannelRequest, reprise_v1_admin_pb.ChannelInfo>;
    listSessions: grpc.handleUnaryCall<reprise_v1_admin_pb.ListSessionsRequest, reprise_v1_admin_pb.ListSessionsResponse>;
    listNodes: grpc.handleUnaryCall<reprise_v1_admin_pb.ListNodesRequest, reprise_v1_admin_pb.ListNodesResponse>;
    listMembers: grpc.handleUnaryCall<reprise_v1_admin_pb.ListMembersRequest, reprise_v1_admin_pb.ListMembersResponse>;
    drain: grpc.handleServerStreamingCall<reprise_v1_admin_pb.DrainRequest, reprise_v1_admin_pb.DrainProgress>;
    disconnectSession: grpc.handleUnaryCall<reprise_v1_admin_pb.DisconnectSessionRequest, reprise_v1_admin_pb.DisconnectSessionResponse>;
    listSlowSubscribers: grpc.handleUnaryCall<reprise_v1_admin_pb.ListSlowSubscribersRequest, reprise_v1_admin_pb.ListSlowSubscribersResponse>;
    trimChannel: grpc.handleUnaryCall<reprise_v1_admin_pb.TrimChannelRequest, reprise_v1_admin_pb.ChannelInfo>;
    deleteChannel: grpc.handleUnaryCall<reprise_v1_admin_pb.DeleteChannelRequest, reprise_v1_admin_pb.DeleteChannelResponse>;
    listRetention: grpc.handleUnaryCall<reprise_v1_admin_pb.ListRetentionRequest, reprise_v1_admin_pb.RetentionRules>;
    setRetention: grpc.handleUnaryCall<reprise_v1_admin_pb.SetRetentionRequest, reprise_v1_admin_pb.RetentionRules>;
    listEvents: grpc.handleUnaryCall<reprise_v1_admin_pb.ListEventsRequest, reprise_v1_admin_pb.ListEventsResponse>;
    getActivity: grpc.handleUnaryCall<reprise_v1_admin_pb.GetActivityRequest, reprise_v1_admin_pb.GetActivityResponse>;
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
    disconnectSession(request: reprise_v1_admin_pb.DisconnectSessionRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.DisconnectSessionResponse) => void): grpc.ClientUnaryCall;
    disconnectSession(request: reprise_v1_admin_pb.DisconnectSessionRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.DisconnectSessionResponse) => void): grpc.ClientUnaryCall;
    disconnectSession(request: reprise_v1_admin_pb.DisconnectSessionRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.DisconnectSessionResponse) => void): grpc.ClientUnaryCall;
    listSlowSubscribers(request: reprise_v1_admin_pb.ListSlowSubscribersRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListSlowSubscribersResponse) => void): grpc.ClientUnaryCall;
    listSlowSubscribers(request: reprise_v1_admin_pb.ListSlowSubscribersRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListSlowSubscribersResponse) => void): grpc.ClientUnaryCall;
    listSlowSubscribers(request: reprise_v1_admin_pb.ListSlowSubscribersRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListSlowSubscribersResponse) => void): grpc.ClientUnaryCall;
    trimChannel(request: reprise_v1_admin_pb.TrimChannelRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ChannelInfo) => void): grpc.ClientUnaryCall;
    trimChannel(request: reprise_v1_admin_pb.TrimChannelRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ChannelInfo) => void): grpc.ClientUnaryCall;
    trimChannel(request: reprise_v1_admin_pb.TrimChannelRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ChannelInfo) => void): grpc.ClientUnaryCall;
    deleteChannel(request: reprise_v1_admin_pb.DeleteChannelRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.DeleteChannelResponse) => void): grpc.ClientUnaryCall;
    deleteChannel(request: reprise_v1_admin_pb.DeleteChannelRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.DeleteChannelResponse) => void): grpc.ClientUnaryCall;
    deleteChannel(request: reprise_v1_admin_pb.DeleteChannelRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.DeleteChannelResponse) => void): grpc.ClientUnaryCall;
    listRetention(request: reprise_v1_admin_pb.ListRetentionRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.RetentionRules) => void): grpc.ClientUnaryCall;
    listRetention(request: reprise_v1_admin_pb.ListRetentionRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.RetentionRules) => void): grpc.ClientUnaryCall;
    listRetention(request: reprise_v1_admin_pb.ListRetentionRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.RetentionRules) => void): grpc.ClientUnaryCall;
    setRetention(request: reprise_v1_admin_pb.SetRetentionRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.RetentionRules) => void): grpc.ClientUnaryCall;
    setRetention(request: reprise_v1_admin_pb.SetRetentionRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.RetentionRules) => void): grpc.ClientUnaryCall;
    setRetention(request: reprise_v1_admin_pb.SetRetentionRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.RetentionRules) => void): grpc.ClientUnaryCall;
    listEvents(request: reprise_v1_admin_pb.ListEventsRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListEventsResponse) => void): grpc.ClientUnaryCall;
    listEvents(request: reprise_v1_admin_pb.ListEventsRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListEventsResponse) => void): grpc.ClientUnaryCall;
    listEvents(request: reprise_v1_admin_pb.ListEventsRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListEventsResponse) => void): grpc.ClientUnaryCall;
    getActivity(request: reprise_v1_admin_pb.GetActivityRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.GetActivityResponse) => void): grpc.ClientUnaryCall;
    getActivity(request: reprise_v1_admin_pb.GetActivityRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.GetActivityResponse) => void): grpc.ClientUnaryCall;
    getActivity(request: reprise_v1_admin_pb.GetActivityRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.GetActivityResponse) => void): grpc.ClientUnaryCall;
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
    public disconnectSession(request: reprise_v1_admin_pb.DisconnectSessionRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.DisconnectSessionResponse) => void): grpc.ClientUnaryCall;
    public disconnectSession(request: reprise_v1_admin_pb.DisconnectSessionRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.DisconnectSessionResponse) => void): grpc.ClientUnaryCall;
    public disconnectSession(request: reprise_v1_admin_pb.DisconnectSessionRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.DisconnectSessionResponse) => void): grpc.ClientUnaryCall;
    public listSlowSubscribers(request: reprise_v1_admin_pb.ListSlowSubscribersRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListSlowSubscribersResponse) => void): grpc.ClientUnaryCall;
    public listSlowSubscribers(request: reprise_v1_admin_pb.ListSlowSubscribersRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListSlowSubscribersResponse) => void): grpc.ClientUnaryCall;
    public listSlowSubscribers(request: reprise_v1_admin_pb.ListSlowSubscribersRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListSlowSubscribersResponse) => void): grpc.ClientUnaryCall;
    public trimChannel(request: reprise_v1_admin_pb.TrimChannelRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ChannelInfo) => void): grpc.ClientUnaryCall;
    public trimChannel(request: reprise_v1_admin_pb.TrimChannelRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ChannelInfo) => void): grpc.ClientUnaryCall;
    public trimChannel(request: reprise_v1_admin_pb.TrimChannelRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ChannelInfo) => void): grpc.ClientUnaryCall;
    public deleteChannel(request: reprise_v1_admin_pb.DeleteChannelRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.DeleteChannelResponse) => void): grpc.ClientUnaryCall;
    public deleteChannel(request: reprise_v1_admin_pb.DeleteChannelRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.DeleteChannelResponse) => void): grpc.ClientUnaryCall;
    public deleteChannel(request: reprise_v1_admin_pb.DeleteChannelRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.DeleteChannelResponse) => void): grpc.ClientUnaryCall;
    public listRetention(request: reprise_v1_admin_pb.ListRetentionRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.RetentionRules) => void): grpc.ClientUnaryCall;
    public listRetention(request: reprise_v1_admin_pb.ListRetentionRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.RetentionRules) => void): grpc.ClientUnaryCall;
    public listRetention(request: reprise_v1_admin_pb.ListRetentionRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.RetentionRules) => void): grpc.ClientUnaryCall;
    public setRetention(request: reprise_v1_admin_pb.SetRetentionRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.RetentionRules) => void): grpc.ClientUnaryCall;
    public setRetention(request: reprise_v1_admin_pb.SetRetentionRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.RetentionRules) => void): grpc.ClientUnaryCall;
    public setRetention(request: reprise_v1_admin_pb.SetRetentionRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.RetentionRules) => void): grpc.ClientUnaryCall;
    public listEvents(request: reprise_v1_admin_pb.ListEventsRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListEventsResponse) => void): grpc.ClientUnaryCall;
    public listEvents(request: reprise_v1_admin_pb.ListEventsRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListEventsResponse) => void): grpc.ClientUnaryCall;
    public listEvents(request: reprise_v1_admin_pb.ListEventsRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.ListEventsResponse) => void): grpc.ClientUnaryCall;
    public getActivity(request: reprise_v1_admin_pb.GetActivityRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.GetActivityResponse) => void): grpc.ClientUnaryCall;
    public getActivity(request: reprise_v1_admin_pb.GetActivityRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.GetActivityResponse) => void): grpc.ClientUnaryCall;
    public getActivity(request: reprise_v1_admin_pb.GetActivityRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_admin_pb.GetActivityResponse) => void): grpc.ClientUnaryCall;
}
