// package: stream
// file: stream/stream.proto

/* tslint:disable */
/* eslint-disable */

import * as grpc from "@grpc/grpc-js";
import * as stream_stream_pb from "../stream/stream_pb";

interface IStreamServiceService extends grpc.ServiceDefinition<grpc.UntypedServiceImplementation> {
    biStream: IStreamServiceService_IBiStream;
}

interface IStreamServiceService_IBiStream extends grpc.MethodDefinition<stream_stream_pb.StreamRequest, stream_stream_pb.StreamResponse> {
    path: "/stream.StreamService/BiStream";
    requestStream: true;
    responseStream: true;
    requestSerialize: grpc.serialize<stream_stream_pb.StreamRequest>;
    requestDeserialize: grpc.deserialize<stream_stream_pb.StreamRequest>;
    responseSerialize: grpc.serialize<stream_stream_pb.StreamResponse>;
    responseDeserialize: grpc.deserialize<stream_stream_pb.StreamResponse>;
}

export const StreamServiceService: IStreamServiceService;

export interface IStreamServiceServer extends grpc.UntypedServiceImplementation {
    biStream: grpc.handleBidiStreamingCall<stream_stream_pb.StreamRequest, stream_stream_pb.StreamResponse>;
}

export interface IStreamServiceClient {
    biStream(): grpc.ClientDuplexStream<stream_stream_pb.StreamRequest, stream_stream_pb.StreamResponse>;
    biStream(options: Partial<grpc.CallOptions>): grpc.ClientDuplexStream<stream_stream_pb.StreamRequest, stream_stream_pb.StreamResponse>;
    biStream(metadata: grpc.Metadata, options?: Partial<grpc.CallOptions>): grpc.ClientDuplexStream<stream_stream_pb.StreamRequest, stream_stream_pb.StreamResponse>;
}

export class StreamServiceClient extends grpc.Client implements IStreamServiceClient {
    constructor(address: string, credentials: grpc.ChannelCredentials, options?: Partial<grpc.ClientOptions>);
    public biStream(options?: Partial<grpc.CallOptions>): grpc.ClientDuplexStream<stream_stream_pb.StreamRequest, stream_stream_pb.StreamResponse>;
    public biStream(metadata?: grpc.Metadata, options?: Partial<grpc.CallOptions>): grpc.ClientDuplexStream<stream_stream_pb.StreamRequest, stream_stream_pb.StreamResponse>;
}
