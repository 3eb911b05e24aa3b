// node platformatic.mjs SCENARIO BOOTSTRAP [ARGUMENT...]: runs one scenario with @platformatic/kafka,
// which speaks the newest versions, and prints what came of it as one line of JSON. NODE_PATH names
// the folder of the packages.
import { pathToFileURL } from 'node:url'

const package_ = `${process.env.NODE_PATH}/@platformatic/kafka/dist/index.js`
const { Admin, Consumer, Producer, stringDeserializers, stringSerializers } = await import(
  pathToFileURL(package_))

const [scenario, bootstrap, ...rest] = process.argv.slice(2)
const base = { clientId: 'judge', bootstrapBrokers: [bootstrap], retries: 10, retryDelay: 50 }
const admin = new Admin(base)
const producer = (options) => new Producer({ ...base, serializers: stringSerializers, ...options })
const consumer = (groupId, options) => new Consumer({ ...base, groupId, maxWaitTime: 100,
  heartbeatInterval: 300, deserializers: stringDeserializers, ...options })

// The codes of the protocol in an error; what it gave where there was none.
async function codes(promise) {
  const found = new Set()
  const look = (error) => {
    if (error.apiId) found.add(error.apiId)
    for (const each of [...(error.errors ?? []), error.cause]) if (each) look(each)
  }
  try { return { value: await promise } } catch (error) { look(error) }
  return [...found]
}

const plain = ({ topic, partition, offset, key, value, timestamp, headers }) => ({ topic, partition,
  offset: Number(offset), key, value, timestamp: Number(timestamp), headers: Object.fromEntries(headers) })

async function consume(groupId, topic, count, options) {
  const reader = consumer(groupId, options)
  const stream = await reader.consume({ topics: [topic], mode: 'earliest' })
  const got = []
  for await (const message of stream) if (got.push(plain(message)) === count) break
  await reader.close(true)
  return got
}

const until = async (condition) => { while (!condition()) await new Promise((done) => setTimeout(done, 20)) }

const scenarios = {
  // Of the topic t with 3 partitions.
  async codec(compression) {
    const messages = [...Array(200).keys()].map((i) => ({ topic: 't', partition: i % 3, key: `k${i}`,
      value: `value ${i} `.repeat(i % 50), timestamp: 1700000000123n + BigInt(i),
      headers: { a: `${i}`, empty: '' } }))
    const { offsets } = await producer({ compression, idempotent: true }).send({ messages, acks: -1 })
    return { offsets: offsets.map((each) => [each.partition, Number(each.offset)]).sort(),
      got: await consume('g', 't', messages.length) }
  },

  // Two members of t with 4 partitions, then one of them leaves.
  async group(groupProtocol) {
    const options = groupProtocol === 'classic' ? {} : { groupProtocol, heartbeatInterval: undefined }
    const seen = new Set()
    const join = async () => {
      const member = consumer('g', options)
      const stream = await member.consume({ topics: ['t'], mode: 'committed', fallbackMode: 'earliest',
        autocommit: 50 })
      stream.on('data', (message) => seen.add(message.value))
      return { member, stream, parts: () => (member.assignments ?? []).flatMap((each) => each.partitions) }
    }
    const send = (name) => producer().send({ messages: [...Array(40).keys()].map((i) => ({ topic: 't',
      partition: i % 4, value: `${name}${i}` })) })
    await send('a')
    const one = await join()
    await until(() => seen.size === 40)
    const two = await join()
    await until(() => one.parts().length === 2 && two.parts().length === 2)
    const shared = [...one.parts(), ...two.parts()].sort()
    await send('b')
    await until(() => seen.size === 80)
    const types = { types: ['classic', 'consumer'] }
    const listed = (await admin.listGroups(types)).get('g')
    const busy = await codes(admin.deleteGroups({ groups: ['g'] }))
    await two.stream.close()
    await two.member.close(true)
    await until(() => one.parts().length === 4)
    await one.stream.close()
    await one.member.close(true)
    const [{ topics }] = await admin.listConsumerGroupOffsets({ groups: ['g'] })
    await admin.deleteGroups({ groups: ['g'] })
    return { shared, listed: [listed.state.toUpperCase(), listed.groupType, listed.protocolType], busy,
      committed: topics[0].partitions.map((each) => Number(each.committedOffset)),
      left: [...(await admin.listGroups(types)).keys()] }
  },

  async transactions() {
    const writer = producer({ transactionalId: 'x', idempotent: true })
    for (const [value, end] of [['one', 'commit'], ['two', 'abort'], ['three', 'commit']]) {
      const transaction = await writer.beginTransaction()
      await transaction.send({ messages: [0, 1, 2].map((partition) => ({ topic: 't', partition, value })) })
      await transaction[end]()
    }
    return { committed: await consume('committed', 't', 6, { isolationLevel: 1 }),
      all: await consume('all', 't', 9, { isolationLevel: 0 }) }
  },

  async topics() {
    const [made] = await admin.createTopics({ topics: ['a'], partitions: 3, replicas: 1,
      configs: [{ name: 'cleanup.policy', value: 'compact' }] })
    const out = { made: [made.name, made.partitions, made.replicas, made.configuration['cleanup.policy']] }
    out.wrong = [
      await codes(admin.createTopics({ topics: ['a'] })),
      await codes(admin.createTopics({ topics: ['b'], replicas: 3 })),
      await codes(admin.createTopics({ topics: ['b'], configs: [{ name: 'no.such', value: '1' }] })),
      await codes(admin.createPartitions({ topics: [{ name: 'a', count: 2 }] })),
      await codes(admin.deleteTopics({ topics: ['b'] })),
    ]
    await admin.createPartitions({ topics: [{ name: 'a', count: 4 }] })
    const { topics } = await admin.metadata({ topics: ['a'], forceUpdate: true })
    out.same = [topics.get('a').id === made.id, topics.get('a').partitionsCount]
    const resource = { resourceType: 2, resourceName: 'a' }
    const value = async () => (await admin.describeConfigs({
      resources: [{ ...resource, configurationKeys: ['retention.ms'] }] }))[0].configs[0].value
    const change = (...configs) => admin.incrementalAlterConfigs({ resources: [{ ...resource, configs }] })
    await change({ name: 'retention.ms', configOperation: 0, value: '1234' })
    out.values = [await value()]
    await change({ name: 'retention.ms', configOperation: 1 }, { name: 'cleanup.policy', configOperation: 1 })
    out.values.push(await value())
    out.refused = await codes(change({ name: 'retention.ms', configOperation: 0, value: 'x' }))
    await producer().send({ messages: [...Array(10).keys()].map((i) => ({ topic: 'a', partition: 0,
      key: `${i}`, value: 'v', timestamp: 1000n + BigInt(i === 4 ? 100 : i) })) })
    const at = async (timestamp) => Number((await admin.listOffsets({ topics: [{ name: 'a',
      partitions: [{ partitionIndex: 0, timestamp }] }] }))[0].partitions[0].offset)
    out.offsets = [await at(-1n), await at(-2n), await at(-3n), await at(1003n), await at(5000n)]
    await admin.deleteRecords({ topics: [{ name: 'a', partitions: [{ partition: 0, offset: 3n }] }] })
    out.low = await at(-2n)
    out.beyond = await codes(admin.deleteRecords({
      topics: [{ name: 'a', partitions: [{ partition: 0, offset: 99n }] }] }))
    const [logs] = await admin.describeLogDirs({ topics: [{ name: 'a', partitions: [0] }] })
    out.logs = logs.results[0].topics[0].partitions[0].partitionSize > 0n
    await admin.deleteTopics({ topics: ['a'] })
    out.left = (await admin.listTopics()).includes('a')
    return out
  },

  async quotas() {
    const entities = [{ entityType: 'client-id', entityName: 'c' }]
    const components = [{ entityType: 'client-id', matchType: 0, match: 'c' }]
    const alter = (op) => admin.alterClientQuotas({ entries: [{ entities, ops: [op] }] })
    const told = async () => (await admin.describeClientQuotas({ components })).map((each) => each.values)
    await alter({ key: 'producer_byte_rate', value: 1024, remove: false })
    const out = [await told()]
    await alter({ key: 'producer_byte_rate', remove: true })
    return [...out, await told()]
  },

  async offsets() {
    const topics = [{ name: 't', partitionOffsets: [0, 1].map((partition) => ({ partition,
      offset: BigInt(partition + 5) })) }]
    const told = async () => (await admin.listConsumerGroupOffsets({ groups: ['g'] }))[0].topics
      .flatMap((each) => each.partitions.map((part) => [part.partitionIndex, Number(part.committedOffset)]))
    await admin.alterConsumerGroupOffsets({ groupId: 'g', topics })
    const out = { set: (await told()).sort() }
    await admin.deleteConsumerGroupOffsets({ groupId: 'g', topics: [{ name: 't', partitionIndexes: [0] }] })
    out.left = await told()
    out.none = await codes(admin.deleteGroups({ groups: ['none'] }))
    return out
  },
}

scenarios[scenario](...rest).then(
  (out) => process.stdout.write(JSON.stringify(out), () => process.exit(0)),
  (error) => { console.dir(error, { depth: 5 }); process.exit(1) })
