import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

/**
 * Counts every event once, by kind and by day in Vietnam, in keyed state in RocksDB, with exactly-once checkpoints.
 *
 * <p>One Flink cluster in this process, with as many slots as processes are wanted. Its checkpoints commit the offsets to
 * Kafka. Flink's documentation recommends the settings: "Checkpointing" (one every second, half a second between two,
 * exactly once), "Tuning Checkpoints and Large State" (incremental checkpoints, more managed memory than the 128 MB of a
 * local cluster: 256 MB a slot here, of which RocksDB lives) and "Apache Kafka Connector" (offsets are committed on
 * checkpoints).
 */
public final class CountFacts {
    private static final ZoneId VIETNAM = ZoneId.of("Asia/Ho_Chi_Minh");
    private static final int MANAGED_MEGABYTES_PER_SLOT = 256;

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Event(String id, String type, String time) {}

    public record Fact(String id, String cell) {}

    static final class ReadFact extends AbstractDeserializationSchema<Fact> {
        private transient ObjectReader reader;

        @Override
        public void open(InitializationContext context) {
            reader = new ObjectMapper().readerFor(Event.class);
        }

        @Override
        public Fact deserialize(byte[] value) throws IOException {
            Event event = reader.readValue(value);
            return new Fact(event.id(), event.type() + "/"
                    + OffsetDateTime.parse(event.time()).atZoneSameInstant(VIETNAM).toLocalDate());
        }
    }

    static final class PassOnce extends KeyedProcessFunction<String, Fact, String> {
        private transient ValueState<Boolean> seen;

        @Override
        public void open(OpenContext context) {
            seen = getRuntimeContext().getState(new ValueStateDescriptor<>("seen", Types.BOOLEAN));
        }

        @Override
        public void processElement(Fact fact, Context context, Collector<String> out) throws IOException {
            if (seen.value() == null) {
                seen.update(true);
                out.collect(fact.cell());
            }
        }
    }

    static final class Count extends KeyedProcessFunction<String, String, Long> {
        private transient ValueState<Long> count;

        @Override
        public void open(OpenContext context) {
            count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
        }

        @Override
        public void processElement(String cell, Context context, Collector<Long> out) throws IOException {
            count.update(count.value() == null ? 1 : count.value() + 1);
        }
    }

    public static void main(String[] arguments) throws Exception {
        int slots = Integer.parseInt(System.getenv("BENCH_PROCESSES"));
        StreamExecutionEnvironment flink = StreamExecutionEnvironment.createLocalEnvironment(slots, configure(slots));
        flink.enableCheckpointing(1000);
        flink.getCheckpointConfig().setMinPauseBetweenCheckpoints(500);
        KafkaSource<Fact> source = KafkaSource.<Fact>builder()
                .setBootstrapServers(System.getenv("KAFKA_BOOTSTRAP_SERVERS"))
                .setGroupId(System.getenv("BENCH_GROUP"))
                .setTopics(System.getenv("BENCH_TOPICS").split(","))
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setValueOnlyDeserializer(new ReadFact())
                .build();
        flink.fromSource(source, WatermarkStrategy.noWatermarks(), "events")
                .keyBy(Fact::id)
                .process(new PassOnce())
                .keyBy(cell -> cell)
                .process(new Count())
                .sinkTo(new DiscardingSink<>());
        flink.execute();
    }

    private static Configuration configure(int slots) {
        Configuration settings = new Configuration();
        settings.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
        settings.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
        settings.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, "file://" + System.getenv("BENCH_STATE") + "/checkpoints");
        settings.set(CoreOptions.TMP_DIRS, System.getenv("BENCH_STATE"));
        settings.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes((long) slots * MANAGED_MEGABYTES_PER_SLOT));
        return settings;
    }
}
