// Teaches KafkaJS the codecs that it has not built in, by the packages that its documentation names where they install.

import kafkajs from "kafkajs";
import snappy from "kafkajs-snappy";
import * as zstd from "@bokuweb/zstd-wasm";

const { CompressionCodecs, CompressionTypes } = kafkajs;

export const TYPES = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

export async function register() {
  CompressionCodecs[CompressionTypes.Snappy] = snappy;
  await registerZstd();
  await registerLz4();
}

// @kafkajs/zstd does not compile on Node.js 20, so this is written out: libzstd as WebAssembly.
async function registerZstd() {
  await zstd.init();
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: async (encoder) => Buffer.from(zstd.compress(encoder.buffer)),
    decompress: async (buffer) => Buffer.from(zstd.decompress(buffer)),
  });
}

// Its native part is compiled when it is installed; where that failed it is not there, and nobody orders lz4.
async function registerLz4() {
  const { default: Lz4Codec } = await import("kafkajs-lz4").catch(() => ({}));
  if (Lz4Codec) {
    CompressionCodecs[CompressionTypes.LZ4] = new Lz4Codec().codec;
  }
}
