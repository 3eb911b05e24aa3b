// node client.js SCENARIO BOOTSTRAP [ARGUMENT...]: runs one scenario with kafkajs and prints what
// came of it as one line of JSON. NODE_PATH names the folder of the packages.
const { Kafka, CompressionTypes, CompressionCodecs, logLevel } = require('kafkajs')

CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy')
const lz4 = require('lz4js')
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async (encoder) => Buffer.from(lz4.compress(encoder.buffer)),
  decompress: async (bytes) => Buffer.from(lz4.decompress(bytes)),
})
const zstd = new Promise((done) => require('zstd-codec').ZstdCodec.run(done))
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async (encoder) => Buffer.from(new (await zstd).Simple().compress(encoder.buffer)),
  decompress: async (bytes) => Buffer.from(new (await zstd).Simple().decompress(bytes)),
})
const CODECS = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 }

const [scenario, bootstrap, ...rest] = process.argv.slice(2)
const kafka = new Kafka({ clientId: 'judge', brokers: [bootstrap], logLevel: logLevel.NOTHING,
  retry: { initialRetryTime: 20, retries: 10 } })

const text = (value) => (value === null || value === undefined ? null : value.toString('latin1'))
const plain = ({ topic, partition, message }) => ({
  topic, partition, offset: Number(message.offset), key: text(message.key),
  value: text(message.value), timestamp: Number(message.timestamp),
  headers: Object.fromEntries(Object.entries(message.headers || {}).map(([k, v]) => [k, text(v)])),
})

// What a new group reads of the topics until it has `count` messages.
async function consume(groupId, topics, count, options = {}) {
  const consumer = kafka.consumer({ groupId, heartbeatInterval: 300, maxWaitTimeInMs: 100, ...options })
  await consumer.connect()
  await consumer.subscribe({ topics, fromBeginning: true })
  const got = []
  await new Promise((done, failed) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => failed(payload.error))
    consumer.run({ eachMessage: async (each) => { if (got.push(plain(each)) === count) done() } })
  })
  await consumer.disconnect()
  return got
}

const scenarios = {
  // Of the topic t with 3 partitions.
  async codec(name) {
    const producer = kafka.producer()
    await producer.connect()
    const messages = [...Array(200).keys()].map((i) => ({
      key: i % 5 ? `k${i % 7}` : null, value: `value ${i} `.repeat(i % 50),
      timestamp: String(1700000000123 + i), headers: { a: `${i}`, empty: '' } }))
    const sent = await producer.send({ topic: 't', messages, compression: CODECS[name], acks: -1 })
    await producer.disconnect()
    return { messages, sent, got: await consume('g', ['t'], messages.length) }
  },

  async idempotent() {
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    for (let i = 0; i < 40; ++i)
      await producer.send({ topic: 't', messages: [{ value: `${i}`, partition: i % 3 }] })
    await producer.disconnect()
    return consume('g', ['t'], 40)
  },

  // Two members, then one of them leaves.
  async rebalance() {
    const assigned = {}
    let changed = () => {}
    const until = (condition) => new Promise((done) => {
      changed = () => { if (condition()) done() }
      changed()
    })
    const counts = () => Object.values(assigned).map((parts) => parts.length).sort().join()
    const seen = []
    const member = async (name) => {
      const consumer = kafka.consumer({ groupId: 'g', heartbeatInterval: 200, maxWaitTimeInMs: 100,
        rebalanceTimeout: 10000 })
      await consumer.connect()
      await consumer.subscribe({ topics: ['t'], fromBeginning: true })
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        assigned[name] = payload.memberAssignment.t || []
        changed()
      })
      await consumer.run({ eachMessage: async (each) => { seen.push(plain(each)); changed() } })
      return consumer
    }
    const out = []
    const one = await member('one')
    await until(() => counts() === '4' && seen.length >= 20)
    out.push({ ...assigned })
    const two = await member('two')
    await until(() => counts() === '2,2')
    out.push({ ...assigned })
    await two.disconnect()
    delete assigned.two
    await until(() => counts() === '4')
    out.push({ ...assigned })
    await one.disconnect()
    return { assigned: out, seen }
  },

  async transactions() {
    const producer = kafka.producer({ transactionalId: 'x', idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    for (const [value, end] of [['one', 'commit'], ['two', 'abort'], ['three', 'commit']]) {
      const transaction = await producer.transaction()
      await transaction.send({ topic: 't', messages: [0, 1, 2].map((partition) => ({ value, partition })) })
      await transaction[end]()
    }
    await producer.disconnect()
    const committed = await consume('committed', ['t'], 6)
    return { committed, all: await consume('all', ['t'], 9, { readUncommitted: true }) }
  },

  // Offsets of a group within a transaction.
  async offsets() {
    const producer = kafka.producer({ transactionalId: 'x', idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    const admin = kafka.admin()
    await admin.connect()
    const out = []
    for (const [offset, end] of [['5', 'commit'], ['9', 'abort']]) {
      const transaction = await producer.transaction()
      await transaction.send({ topic: 't', messages: [{ value: offset, partition: 0 }] })
      await transaction.sendOffsets({ consumerGroupId: 'g',
        topics: [{ topic: 't', partitions: [{ partition: 0, offset }] }] })
      await transaction[end]()
      const [{ partitions }] = await admin.fetchOffsets({ groupId: 'g', topics: ['t'] })
      out.push(partitions.find((each) => each.partition === 0).offset)
    }
    await admin.disconnect()
    await producer.disconnect()
    return out
  },

  async admin() {
    const admin = kafka.admin()
    await admin.connect()
    const out = {}
    out.created = await admin.createTopics({ topics: [
      { topic: 'a', numPartitions: 2, configEntries: [{ name: 'cleanup.policy', value: 'compact' }] },
      { topic: 'b' }] })
    out.again = await admin.createTopics({ topics: [{ topic: 'a' }] })
    await admin.createPartitions({ topicPartitions: [{ topic: 'a', count: 3 }] })
    out.topics = (await admin.listTopics()).sort()
    out.metadata = (await admin.fetchTopicMetadata({ topics: ['a'] })).topics[0]
    const resource = { type: 2, name: 'a', configNames: ['cleanup.policy', 'retention.ms'] }
    await admin.alterConfigs({ validateOnly: false, resources: [
      { type: 2, name: 'a', configEntries: [{ name: 'retention.ms', value: '1234' }] }] })
    const configs = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] })
    out.configs = Object.fromEntries(
      configs.resources[0].configEntries.map((each) => [each.configName, each.configValue]))
    out.cluster = await admin.describeCluster()
    const producer = kafka.producer()
    await producer.connect()
    for (let i = 0; i < 10; ++i)
      await producer.send({ topic: 'b', messages: [{ value: `${i}`, partition: 0, timestamp: `${1000 + i}` }] })
    await producer.disconnect()
    out.offsets = await admin.fetchTopicOffsets('b')
    out.at = await admin.fetchTopicOffsetsByTimestamp('b', 1004)
    await admin.deleteTopicRecords({ topic: 'b', partitions: [{ partition: 0, offset: '3' }] })
    out.low = (await admin.fetchTopicOffsets('b'))[0].low
    await consume('g', ['b'], 7)
    out.groups = (await admin.listGroups()).groups
    out.described = (await admin.describeGroups(['g'])).groups[0]
    await admin.setOffsets({ groupId: 'g', topic: 'b', partitions: [{ partition: 0, offset: '6' }] })
    out.set = (await admin.fetchOffsets({ groupId: 'g', topics: ['b'] }))[0].partitions
    out.deleted = await admin.deleteGroups(['g'])
    out.reassignments = await admin.listPartitionReassignments({})
    await admin.deleteTopics({ topics: ['a', 'b'] })
    out.left = await admin.listTopics()
    await admin.disconnect()
    return out
  },

  // A little of everything, for record_client_frames.py.
  async record() {
    const admin = kafka.admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic: 't', numPartitions: 3 }] })
    await admin.disconnect()
    for (const name of Object.keys(CODECS)) {
      const producer = kafka.producer()
      await producer.connect()
      await producer.send({ topic: 't', compression: CODECS[name],
        messages: [{ key: 'k', value: 'value '.repeat(20), headers: { a: '1' } }, { value: 'more' }] })
      await producer.disconnect()
    }
    await scenarios.transactions()
    await scenarios.offsets()
    await scenarios.admin()
    return {}
  },
}

scenarios[scenario](...rest).then(
  (out) => process.stdout.write(JSON.stringify(out), () => process.exit(0)),
  (error) => { console.error(error); process.exit(1) })
