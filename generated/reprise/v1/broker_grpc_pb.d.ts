// package: reprise.v1
// file: reprise/v1/broker.proto

/* tslint:disable */
/* eslint-disable */

import * as grpc from "@grpc/grpc-js";
import * as reprise_v1_broker_pb from "../../reprise/v1/broker_pb";

interface IBrokerService extends grpc.ServiceDefinition<grpc.UntypedServiceImplementation> {
    connect: IBrokerService_IConnect;
    publish: IBrokerService_IPublish;
    publishStream: IBrokerService_IPublishStream;
    subscribe: IBrokerService_ISubscribe;
    history: IBrokerService_IHistory;
}

interface IBrokerService_IConnect extends grpc.MethodDefinition<reprise_v1_broker_pb.ClientFrame, reprise_v1_broker_pb.ServerFrame> {
    path: "/reprise.v1.Broker/Connect";
    requestStream: true;
    responseStream: true;
    requestSerialize: grpc.serialize<reprise_v1_broker_pb.ClientFrame>;
    requestDeserialize: grpc.deserialize<reprise_v1_broker_pb.ClientFrame>;
    responseSerialize: grpc.serialize<reprise_v1_broker_pb.ServerFrame>;
    responseDeserialize: grpc.deserialize<reprise_v1_broker_pb.ServerFrame>;
}
interface IBrokerService_IPublish extends grpc.MethodDefinition<reprise_v1_broker_pb.PublishRequest, reprise_v1_broker_pb.PublishResponse> {
    path: "/reprise.v1.Broker/Publish";
    requestStream: false;
    responseStream: false;
    requestSerialize: grpc.serialize<reprise_v1_broker_pb.PublishRequest>;
    requestDeserialize: grpc.deserialize<reprise_v1_broker_pb.PublishRequest>;
    responseSerialize: grpc.serialize<reprise_v1_broker_pb.PublishResponse>;
    responseDeserialize: grpc.deserialize<reprise_v1_broker_pb.PublishResponse>;
}
interface IBrokerService_IPublishStream extends grpc.MethodDefinition<reprise_v1_broker_pb.PublishRequest, reprise_v1_broker_pb.PublishSummary> {
    path: "/reprise.v1.Broker/PublishStream";
    requestStream: true;
    responseStream: false;
    requestSerialize: grpc.serialize<reprise_v1_broker_pb.PublishRequest>;
    requestDeserialize: grpc.deserialize<reprise_v1_broker_pb.PublishRequest>;
    responseSerialize: grpc.serialize<reprise_v1_broker_pb.PublishSummary>;
    responseDeserialize: grpc.deserialize<reprise_v1_broker_pb.PublishSummary>;
}
interface IBrokerService_ISubscribe extends grpc.MethodDefinition<reprise_v1_broker_pb.SubscribeRequest, reprise_v1_broker_pb.ServerFrame> {
    path: "/reprise.v1.Broker/Subscribe";
    requestStream: false;
    responseStream: true;
    requestSerialize: grpc.serialize<reprise_v1_broker_pb.SubscribeRequest>;
    requestDeserialize: grpc.deserialize<reprise_v1_broker_pb.SubscribeRequest>;
    responseSerialize: grpc.serialize<reprise_v1_broker_pb.ServerFrame>;
    responseDeserialize: grpc.deserialize<reprise_v1_broker_pb.ServerFrame>;
}
interface IBrokerService_IHistory extends grpc.MethodDefinition<reprise_v1_broker_pb.HistoryRequest, reprise_v1_broker_pb.HistoryResponse> {
    path: "/reprise.v1.Broker/History";
    requestStream: false;
    responseStream: false;
    requestSerialize: grpc.serialize<reprise_v1_broker_pb.HistoryRequest>;
    requestDeserialize: grpc.deserialize<reprise_v1_broker_pb.HistoryRequest>;
    responseSerialize: grpc.serialize<reprise_v1_broker_pb.HistoryResponse>;
    responseDeserialize: grpc.deserialize<reprise_v1_broker_pb.HistoryResponse>;
}

export const BrokerService: IBrokerService;

export interface IBrokerServer extends grpc.UntypedServiceImplementation {
    connect: grpc.handleBidiStreamingCall<reprise_v1_broker_pb.ClientFrame, reprise_v1_broker_pb.ServerFrame>;
    publish: grpc.handleUnaryCall<reprise_v1_broker_pb.PublishRequest, reprise_v1_broker_pb.PublishResponse>;
    publishStream: grpc.handleClientStreamingCall<reprise_v1_broker_pb.PublishRequest, reprise_v1_broker_pb.PublishSummary>;
    subscribe: grpc.handleServerStreamingCall<reprise_v1_broker_pb.SubscribeRequest, reprise_v1_broker_pb.ServerFrame>;
    history: grpc.handleUnaryCall<reprise_v1_broker_pb.HistoryRequest, reprise_v1_broker_pb.HistoryResponse>;
}

export interface IBrokerClient {
    connect(): grpc.ClientDuplexStream<reprise_v1_broker_pb.ClientFrame, reprise_v1_broker_pb.ServerFrame>;
    connect(options: Partial<grpc.CallOptions>): grpc.ClientDuplexStream<reprise_v1_broker_pb.ClientFrame, reprise_v1_broker_pb.ServerFrame>;
    connect(metadata: grpc.Metadata, options?: Partial<grpc.CallOptions>): grpc.ClientDuplexStream<reprise_v1_broker_pb.ClientFrame, reprise_v1_broker_pb.ServerFrame>;
    publish(request: reprise_v1_broker_pb.PublishRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_broker_pb.PublishResponse) => void): grpc.ClientUnaryCall;
    publish(request: reprise_v1_broker_pb.PublishRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_broker_pb.PublishResponse) => void): grpc.ClientUnaryCall;
    publish(request: reprise_v1_broker_pb.PublishRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_broker_pb.PublishResponse) => void): grpc.ClientUnaryCall;
    publishStream(callback: (error: grpc.ServiceError | null, response: reprise_v1_broker_pb.PublishSummary) => void): grpc.ClientWritableStream<reprise_v1_broker_pb.PublishRequest>;
    publishStream(metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_broker_pb.PublishSummary) => void): grpc.ClientWritableStream<reprise_v1_broker_pb.PublishRequest>;
    publishStream(options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_broker_pb.PublishSummary) => void): grpc.ClientWritableStream<reprise_v1_broker_pb.PublishRequest>;
    publishStream(metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_broker_pb.PublishSummary) => void): grpc.ClientWritableStream<reprise_v1_broker_pb.PublishRequest>;
    subscribe(request: reprise_v1_broker_pb.SubscribeRequest, options?: Partial<grpc.CallOptions>): grpc.ClientReadableStream<reprise_v1_broker_pb.ServerFrame>;
    subscribe(request: reprise_v1_broker_pb.SubscribeRequest, metadata?: grpc.Metadata, options?: Partial<grpc.CallOptions>): grpc.ClientReadableStream<reprise_v1_broker_pb.ServerFrame>;
    history(request: reprise_v1_broker_pb.HistoryRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_broker_pb.HistoryResponse) => void): grpc.ClientUnaryCall;
    history(request: reprise_v1_broker_pb.HistoryRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_broker_pb.HistoryResponse) => void): grpc.ClientUnaryCall;
    history(request: reprise_v1_broker_pb.HistoryRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_broker_pb.HistoryResponse) => void): grpc.ClientUnaryCall;
}

export class BrokerClient extends grpc.Client implements IBrokerClient {
    constructor(address: string, credentials: grpc.ChannelCredentials, options?: Partial<grpc.ClientOptions>);
    public connect(options?: Partial<grpc.CallOptions>): grpc.ClientDuplexStream<reprise_v1_broker_pb.ClientFrame, reprise_v1_broker_pb.ServerFrame>;
    public connect(metadata?: grpc.Metadata, options?: Partial<grpc.CallOptions>): grpc.ClientDuplexStream<reprise_v1_broker_pb.ClientFrame, reprise_v1_broker_pb.ServerFrame>;
    public publish(request: reprise_v1_broker_pb.PublishRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_broker_pb.PublishResponse) => void): grpc.ClientUnaryCall;
    public publish(request: reprise_v1_broker_pb.PublishRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_broker_pb.PublishResponse) => void): grpc.ClientUnaryCall;
    public publish(request: reprise_v1_broker_pb.PublishRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_broker_pb.PublishResponse) => void): grpc.ClientUnaryCall;
    public publishStream(callback: (error: grpc.ServiceError | null, response: reprise_v1_broker_pb.PublishSummary) => void): grpc.ClientWritableStream<reprise_v1_broker_pb.PublishRequest>;
    public publishStream(metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_broker_pb.PublishSummary) => void): grpc.ClientWritableStream<reprise_v1_broker_pb.PublishRequest>;
    public publishStream(options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_broker_pb.PublishSummary) => void): grpc.ClientWritableStream<reprise_v1_broker_pb.PublishRequest>;
    public publishStream(metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_broker_pb.PublishSummary) => void): grpc.ClientWritableStream<reprise_v1_broker_pb.PublishRequest>;
    public subscribe(request: reprise_v1_broker_pb.SubscribeRequest, options?: Partial<grpc.CallOptions>): grpc.ClientReadableStream<reprise_v1_broker_pb.ServerFrame>;
    public subscribe(request: reprise_v1_broker_pb.SubscribeRequest, metadata?: grpc.Metadata, options?: Partial<grpc.CallOptions>): grpc.ClientReadableStream<reprise_v1_broker_pb.ServerFrame>;
    public history(request: reprise_v1_broker_pb.HistoryRequest, callback: (error: grpc.ServiceError | null, response: reprise_v1_broker_pb.HistoryResponse) => void): grpc.ClientUnaryCall;
    public history(request: reprise_v1_broker_pb.HistoryRequest, metadata: grpc.Metadata, callback: (error: grpc.ServiceError | null, response: reprise_v1_broker_pb.HistoryResponse) => void): grpc.ClientUnaryCall;
    public history(request: reprise_v1_broker_pb.HistoryRequest, metadata: grpc.Metadata, options: Partial<grpc.CallOptions>, callback: (error: grpc.ServiceError | null, response: reprise_v1_broker_pb.HistoryResponse) => void): grpc.ClientUnaryCall;
}
