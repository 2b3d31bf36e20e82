// GENERATED CODE -- DO NOT EDIT!

// Original file comments:
// The service a peer speaks to. The rules that the fields alone cannot express are numbered P-1 … in
// docs/protocol.md. Message fields 16 and above are free for later; a reader ignores what it does not know.
'use strict';
var grpc = require('@grpc/grpc-js');
var reprise_v1_broker_pb = require('../../reprise/v1/broker_pb.js');

function serialize_reprise_v1_ClientFrame(arg) {
  if (!(arg instanceof reprise_v1_broker_pb.ClientFrame)) {
    throw new Error('Expected argument of type reprise.v1.ClientFrame');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_ClientFrame(buffer_arg) {
  return reprise_v1_broker_pb.ClientFrame.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_HistoryRequest(arg) {
  if (!(arg instanceof reprise_v1_broker_pb.HistoryRequest)) {
    throw new Error('Expected argument of type reprise.v1.HistoryRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_HistoryRequest(buffer_arg) {
  return reprise_v1_broker_pb.HistoryRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_HistoryResponse(arg) {
  if (!(arg instanceof reprise_v1_broker_pb.HistoryResponse)) {
    throw new Error('Expected argument of type reprise.v1.HistoryResponse');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_HistoryResponse(buffer_arg) {
  return reprise_v1_broker_pb.HistoryResponse.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_PublishRequest(arg) {
  if (!(arg instanceof reprise_v1_broker_pb.PublishRequest)) {
    throw new Error('Expected argument of type reprise.v1.PublishRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_PublishRequest(buffer_arg) {
  return reprise_v1_broker_pb.PublishRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_PublishResponse(arg) {
  if (!(arg instanceof reprise_v1_broker_pb.PublishResponse)) {
    throw new Error('Expected argument of type reprise.v1.PublishResponse');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_PublishResponse(buffer_arg) {
  return reprise_v1_broker_pb.PublishResponse.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_PublishSummary(arg) {
  if (!(arg instanceof reprise_v1_broker_pb.PublishSummary)) {
    throw new Error('Expected argument of type reprise.v1.PublishSummary');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_PublishSummary(buffer_arg) {
  return reprise_v1_broker_pb.PublishSummary.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_ServerFrame(arg) {
  if (!(arg instanceof reprise_v1_broker_pb.ServerFrame)) {
    throw new Error('Expected argument of type reprise.v1.ServerFrame');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_ServerFrame(buffer_arg) {
  return reprise_v1_broker_pb.ServerFrame.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_SubscribeRequest(arg) {
  if (!(arg instanceof reprise_v1_broker_pb.SubscribeRequest)) {
    throw new Error('Expected argument of type reprise.v1.SubscribeRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_SubscribeRequest(buffer_arg) {
  return reprise_v1_broker_pb.SubscribeRequest.deserializeBinary(new Uint8Array(buffer_arg));
}


var BrokerService = exports.BrokerService = {
  // A peer: everything on one stream. The first item is `hello`, the answer `welcome`.
  connect: {
    path: '/reprise.v1.Broker/Connect',
    requestStream: true,
    responseStream: true,
    requestType: reprise_v1_broker_pb.ClientFrame,
    responseType: reprise_v1_broker_pb.ServerFrame,
    requestSerialize: serialize_reprise_v1_ClientFrame,
    requestDeserialize: deserialize_reprise_v1_ClientFrame,
    responseSerialize: serialize_reprise_v1_ServerFrame,
    responseDeserialize: deserialize_reprise_v1_ServerFrame,
  },
  // Publishes one batch and answers once it is stored.
  publish: {
    path: '/reprise.v1.Broker/Publish',
    requestStream: false,
    responseStream: false,
    requestType: reprise_v1_broker_pb.PublishRequest,
    responseType: reprise_v1_broker_pb.PublishResponse,
    requestSerialize: serialize_reprise_v1_PublishRequest,
    requestDeserialize: deserialize_reprise_v1_PublishRequest,
    responseSerialize: serialize_reprise_v1_PublishResponse,
    responseDeserialize: deserialize_reprise_v1_PublishResponse,
  },
  // Bulk import: any number of requests, one summary. The first request that is refused ends the call; the
  // number of messages stored until then comes in the trailing metadata, see P-21.
  publishStream: {
    path: '/reprise.v1.Broker/PublishStream',
    requestStream: true,
    responseStream: false,
    requestType: reprise_v1_broker_pb.PublishRequest,
    responseType: reprise_v1_broker_pb.PublishSummary,
    requestSerialize: serialize_reprise_v1_PublishRequest,
    requestDeserialize: deserialize_reprise_v1_PublishRequest,
    responseSerialize: serialize_reprise_v1_PublishSummary,
    responseDeserialize: deserialize_reprise_v1_PublishSummary,
  },
  // The simplest consumer: subscribed, then batches, gaps and caught-up in the same frames as `Connect`.
  subscribe: {
    path: '/reprise.v1.Broker/Subscribe',
    requestStream: false,
    responseStream: true,
    requestType: reprise_v1_broker_pb.SubscribeRequest,
    responseType: reprise_v1_broker_pb.ServerFrame,
    requestSerialize: serialize_reprise_v1_SubscribeRequest,
    requestDeserialize: deserialize_reprise_v1_SubscribeRequest,
    responseSerialize: serialize_reprise_v1_ServerFrame,
    responseDeserialize: deserialize_reprise_v1_ServerFrame,
  },
  // One page of the past. Never waits for new messages.
  history: {
    path: '/reprise.v1.Broker/History',
    requestStream: false,
    responseStream: false,
    requestType: reprise_v1_broker_pb.HistoryRequest,
    responseType: reprise_v1_broker_pb.HistoryResponse,
    requestSerialize: serialize_reprise_v1_HistoryRequest,
    requestDeserialize: deserialize_reprise_v1_HistoryRequest,
    responseSerialize: serialize_reprise_v1_HistoryResponse,
    responseDeserialize: deserialize_reprise_v1_HistoryResponse,
  },
};

exports.BrokerClient = grpc.makeGenericClientConstructor(BrokerService);
