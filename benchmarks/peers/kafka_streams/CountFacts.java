import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * Counts every event once, by kind and by day in Vietnam, in two RocksDB stores with changelogs: exactly_once_v2.
 *
 * <p>A retry has the key of its event, so it is in the same partition: an event is known by its identifier there without
 * another trip through Kafka. A count is of one partition; who wants the total of all adds them up.
 *
 * <p>The settings are those of the Kafka documentation, "Kafka Streams: Configuring a Streams Application" (exactly_once_v2
 * and the defaults it implies, among them a commit every 100 ms) and "Memory Management" (a record cache for a store whose
 * keys are written again and again). A thread is what a process is elsewhere ("Running Streams Applications": scaling up).
 */
public final class CountFacts {
    private static final ZoneId VIETNAM = ZoneId.of("Asia/Ho_Chi_Minh");
    private static final ObjectReader READER = new ObjectMapper().readerFor(Event.class);
    private static final byte[] SEEN = {};

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Event(UUID id, String type, String time) {}

    static final class Counter extends ContextualProcessor<byte[], byte[], Void, Void> {
        private KeyValueStore<Bytes, byte[]> seen;
        private KeyValueStore<String, Long> counts;

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            seen = context.getStateStore("seen");
            counts = context.getStateStore("counts");
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            Event event = read(record.value());
            if (seen.putIfAbsent(encode(event.id()), SEEN) == null) {
                String cell = event.type() + "/" + OffsetDateTime.parse(event.time()).atZoneSameInstant(VIETNAM).toLocalDate();
                Long count = counts.get(cell);
                counts.put(cell, count == null ? 1 : count + 1);
            }
        }

        private static Bytes encode(UUID id) {
            return Bytes.wrap(ByteBuffer.allocate(16)
                    .putLong(id.getMostSignificantBits())
                    .putLong(id.getLeastSignificantBits())
                    .array());
        }

        private static Event read(byte[] value) {
            try {
                return READER.readValue(value);
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
        }
    }

    public static void main(String[] arguments) throws InterruptedException {
        StreamsBuilder builder = new StreamsBuilder();
        builder.addStateStore(Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore("seen"), Serdes.Bytes(), Serdes.ByteArray()));
        builder.addStateStore(Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore("counts"), Serdes.String(), Serdes.Long()).withCachingEnabled());
        builder.<byte[], byte[]>stream(List.of(System.getenv("BENCH_TOPICS").split(",")))
                .process(Counter::new, "seen", "counts");
        KafkaStreams streams = new KafkaStreams(builder.build(), configure());
        CountDownLatch ended = new CountDownLatch(1);
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.ERROR) {
                ended.countDown();
            }
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(10))));
        streams.start();
        ended.await();
        System.exit(1);
    }

    private static Properties configure() {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, System.getenv("BENCH_GROUP"));
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, System.getenv("KAFKA_BOOTSTRAP_SERVERS"));
        settings.put(StreamsConfig.STATE_DIR_CONFIG, System.getenv("BENCH_STATE"));
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, System.getenv("BENCH_PROCESSES"));
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        return settings;
    }
}
