// GENERATED CODE -- DO NOT EDIT!

// Original file comments:
// "Hello world" of broadcasting: lines in, lines out. Fields `message`, `pid` and `reply` are the interface that
// existing programs were generated from and never change; the others may be ignored.
//
// Request metadata chooses the channel (`channel`, default "lobby"), the past wanted on joining (`replay`: `all`,
// `N` for the last N, `@OFFSET` for everything after that offset; without it, only new lines) and the publisher's
// name (`name`). The response headers arrive once the peer is subscribed: from then on it misses nothing.
'use strict';
var grpc = require('@grpc/grpc-js');
var stream_stream_pb = require('../stream/stream_pb.js');

function serialize_stream_StreamRequest(arg) {
  if (!(arg instanceof stream_stream_pb.StreamRequest)) {
    throw new Error('Expected argument of type stream.StreamRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_stream_StreamRequest(buffer_arg) {
  return stream_stream_pb.StreamRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_stream_StreamResponse(arg) {
  if (!(arg instanceof stream_stream_pb.StreamResponse)) {
    throw new Error('Expected argument of type stream.StreamResponse');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_stream_StreamResponse(buffer_arg) {
  return stream_stream_pb.StreamResponse.deserializeBinary(new Uint8Array(buffer_arg));
}


var StreamServiceService = exports.StreamServiceService = {
  // Each request is stored and broadcast on the channel. Its sender gets "Processed: <message>" once it is
  // stored, every other peer gets "<message>".
  biStream: {
    path: '/stream.StreamService/BiStream',
    requestStream: true,
    responseStream: true,
    requestType: stream_stream_pb.StreamRequest,
    responseType: stream_stream_pb.StreamResponse,
    requestSerialize: serialize_stream_StreamRequest,
    requestDeserialize: deserialize_stream_StreamRequest,
    responseSerialize: serialize_stream_StreamResponse,
    responseDeserialize: deserialize_stream_StreamResponse,
  },
};

exports.StreamServiceClient = grpc.makeGenericClientConstructor(StreamServiceService);
