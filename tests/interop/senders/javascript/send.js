// Sends events with the CloudEvents SDK of JavaScript and KafkaJS: node send.js BOOTSTRAP FILE

import { readFile } from "node:fs/promises";

import { CloudEvent, Kafka as Binding } from "cloudevents";
import kafkajs from "kafkajs";

import { register, TYPES } from "./codecs.js";

const { Kafka, Partitioners, logLevel } = kafkajs;

const WRITERS = { binary, structured };

async function main(bootstrap, path) {
  await register();
  const requests = plan(await readOrders(path));
  const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  try {
    for (const [codec, topicMessages] of requests) {
      await producer.sendBatch({ acks: -1, compression: TYPES[codec], topicMessages });
    }
  } finally {
    await producer.disconnect();
  }
}

async function readOrders(path) {
  const lines = (await readFile(path, "utf8")).split("\n");
  return lines.filter(Boolean).map((line) => JSON.parse(line));
}

// One request for each mode and codec: its codec, and what goes to each topic.
function plan(orders) {
  const requests = groupBy(orders, ({ mode, codec }) => `${mode} ${codec}`);
  return [...requests.values()].map((alike) => [alike[0].codec, byTopic(alike)]);
}

function byTopic(orders) {
  const topics = groupBy(orders, (order) => order.topic);
  return [...topics].map(([topic, its]) => ({ topic, messages: its.map(write) }));
}

function write(order) {
  if (!(order.mode in WRITERS && order.codec in TYPES)) {
    throw new Error(`unknown mode or codec: ${order.mode}, ${order.codec}`);
  }
  return WRITERS[order.mode](build(order));
}

// The key of a record is what the binding takes from the extension partitionkey.
function build({ event, bytes }) {
  const data = bytes ? Buffer.from(JSON.stringify(event.data)) : event.data;
  return new CloudEvent({ ...event, data, partitionkey: event.subject });
}

function structured(event) {
  return Binding.structured(event);
}

// The binding hands on data as it is, and a header for each attribute that is not set; KafkaJS takes neither.
function binary(event) {
  const { headers, value, ...message } = Binding.binary(event);
  const given = Object.entries(headers).filter(([, text]) => text !== undefined);
  const written = Buffer.isBuffer(value) ? value : JSON.stringify(value);
  return { ...message, headers: Object.fromEntries(given), value: written };
}

function groupBy(items, name) {
  const groups = new Map();
  for (const item of items) {
    groups.set(name(item), [...(groups.get(name(item)) ?? []), item]);
  }
  return groups;
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(String(error));
  process.exit(1);
});
