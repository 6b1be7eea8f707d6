/**
 * What coordinator and devices say to each other: this page is the specification of protocol
 * version 1, the classes below implement it.
 *
 * <h2>Words</h2>
 *
 * <p>"Must" binds both sides. A number written as a constant is a field of {@link
 * io.crosslm.protocol.Limits}. Bytes are unsigned, numbers made of bytes are big-endian, texts are
 * UTF-8, times are milliseconds since 1970 UTC.
 *
 * <h2>Transport</h2>
 *
 * <p>MQTT 5, QoS 1 in both directions, clean start with a session expiry of 0: whatever matters is
 * either retained or sent again until it is receipted. Client id and user name are the device id,
 * the password is the device's token. Payloads are protobuf messages of {@code crosslm.proto}, at
 * most {@code MAX_MESSAGE_BYTES}; parts are gzip around such a message, at most {@code
 * MAX_PART_BYTES} packed and {@code MAX_UNPACKED_PART_BYTES} unpacked. The content type is one of
 * {@link io.crosslm.protocol.ContentTypes}.
 *
 * <h2>Enrolment and encryption</h2>
 *
 * <p>An enrolment code is {@code crosslm://host:port/secret#pin}. A device sends the secret to
 * {@code POST https://host:port/v1/enrolments} and gets its id, its token, the addresses of broker
 * and coordinator and, in PEM form, the certificate of the coordinator's authority. The pin is the
 * SHA-256 of that authority's SubjectPublicKeyInfo in base64url, see {@link
 * io.crosslm.protocol.CertificatePin}: already for the first request a device must accept a server
 * only if its chain leads to a certificate with this public key; the server must therefore send the
 * authority's certificate with its own. From then on a device trusts that authority's key and no
 * other, for HTTP and MQTT, and always checks the server's name. A code without a pin, and an
 * address without TLS (http, tcp), may name a loopback address only.
 *
 * <h2>Topics</h2>
 *
 * <pre>
 * crosslm/v1/{tenant}/t/{task}/announce               retained  coordinator to devices  Announcement
 * crosslm/v1/{tenant}/t/{task}/round/{n}/batch/{part} retained  coordinator to cohort   BatchPart, gzip
 * crosslm/v1/{tenant}/t/{task}/round/{n}/pool/{part}  retained  coordinator to devices  PoolPart, gzip
 * crosslm/v1/{tenant}/coordinator/state               retained  coordinator, its will   CoordinatorState
 * crosslm/v1/{tenant}/d/{device}/command                        coordinator to device   Command
 * crosslm/v1/{tenant}/s/{shard}/d/{device}/report               device to coordinator   Report
 * crosslm/v1/{tenant}/s/{shard}/d/{device}/state      retained  device, its will        DeviceState
 * crosslm/v1/{tenant}/s/{shard}/d/{device}/error                device to coordinator   ErrorReport
 * </pre>
 *
 * <p>{tenant}, {task} and {device} follow {@link io.crosslm.protocol.TenantId}, {@link
 * io.crosslm.protocol.TaskName} and {@link io.crosslm.protocol.DeviceId}; {n} counts from 1, {part}
 * from 0, both decimal without leading zeros. The topic is the sender's identity: a broker must let
 * a device publish only to its own report, state and error topics, and subscribe only to its tasks'
 * announce, batch and pool topics, coordinator/state and its own command topic. An empty retained
 * payload means that there is none.
 *
 * <h2>Hashes to numbers</h2>
 *
 * <p>h(x) is the first eight bytes of SHA-256(x) as an unsigned number.
 *
 * <ul>
 *   <li>Shard of a device: h(device id) mod 64. "silo-1" is in shard 56, "silo-2" in 52, "a" in 10.
 *   <li>Selection: a device takes part in a round when h(selection_seed followed by the device id)
 *       is below selection_threshold; the threshold 2<sup>64</sup> - 1 selects every device. With
 *       the seed bytes 01 02 03, "silo-1" gives 0x86a3f36fe87f2834 and "silo-2" 0x2da7ece9649d4c9e.
 *   <li>Identity of a batch: SHA-256 over the SHA-256 values of its parts' payloads in order.
 * </ul>
 *
 * <h2>A round, seen by a device</h2>
 *
 * <ol>
 *   <li>The announcement of the task is retained and published anew at each step. Its {@code
 *       sequence} rises by one with every announcement of the task, {@code epoch} with every start
 *       of the coordinator. A device must ignore an announcement whose (epoch, sequence) is not
 *       above the last one it took, and one whose epoch is below the coordinator's.
 *   <li>A task offers one or more models, each with a package in {@code engine_packages}, at most
 *       {@code MAX_MODELS}. A device takes the package of the model that it is configured for, or
 *       without such a wish the first one of its engine. If the model is not among them or another
 *       engine's, or there are several packages and none of its engine, it must not take another
 *       and sends an ErrorReport. A score report names the package that scored.
 *   <li>SCORING: a selected device subscribes to the round's batch topic, takes the parts that the
 *       announcement names (a part whose bytes do not have the named SHA-256 is not one of them),
 *       scores every sample and reports. Before or after the announcement, parts may come in any
 *       order.
 *   <li>TRAINING: the same with the pool topic; the parts are the whole pool of the task so far.
 *       Every device of the task takes part, selected or not.
 *   <li>A report is made and kept on disk once, then sent until its receipt comes: after each
 *       connect and after a pause. Its key is (task, round, device, kind); the coordinator commits
 *       the first, answers DUPLICATE to the same again, LATE when it came after the step's end.
 *       Only a receipt ends the sending; a PUBACK proves nothing.
 *   <li>A device whose work ends after {@code deadline_millis} stops it and reports nothing more of
 *       that step; a finished report is sent even when late.
 *   <li>Terms are pinned when a device first takes part in a task. Terms that are looser than the
 *       pinned ones must be refused with an ErrorReport.
 * </ol>
 *
 * <h2>Privacy modes</h2>
 *
 * <ul>
 *   <li>{@code none}: scores leave in the report form, counts and accuracies leave in training
 *       reports.
 *   <li>{@code dp-sgd}: the model that scores is trained by DP-SGD; all its trainings in a task
 *       together keep (epsilon, delta) for each private example, counted by the device. Which texts
 *       the device holds must decide nothing else that leaves: a training report is {@code
 *       withheld}.
 *   <li>{@code randomized-response}: for each sample the device draws one label, its most likely
 *       one with probability p = e^epsilon / (e^epsilon + k - 1), each other one of the k labels
 *       with q = (1 - p) / (k - 1). It reports the distribution that has p at the drawn label and q
 *       elsewhere, in the report form. All answers together keep (total_epsilon, delta) for all
 *       that the device holds. Training reports are {@code withheld}.
 * </ul>
 *
 * <p>Terms are looser than pinned ones if their mode is another one and the pinned one is not
 * {@code none}, or if an epsilon or a delta is larger. A device counts what it spent in a task
 * before anything leaves; work that would overspend must be refused with an ErrorReport.
 *
 * <h2>Scores</h2>
 *
 * <p>A probability p travels as the byte round(254 p). {@code REPORT_FORM_TOP} holds three bytes a
 * sample in batch order: p(intended label), index of the most likely label, its p. {@code
 * REPORT_FORM_INTENDED} holds the first of them alone, {@code REPORT_FORM_DISTRIBUTION} one byte a
 * label. A sample all of whose bytes are 255 was not scored. The reader spreads the missing mass
 * evenly over the labels not named, but leaves the named most likely one above all others, and
 * divides by the sum. A reader must refuse bytes that no distribution gives; see {@link
 * io.crosslm.protocol.wire.ReportedScores}. A later form tells more: intended, top, distribution. A
 * report may have a form that tells less than the announced one. A soft label is one byte a label,
 * divided by their sum when read.
 *
 * <h2>Errors</h2>
 *
 * <p>One wrong message costs one ErrorReport with a code, never the session. An ErrorReport names
 * no text and no score. If the device will do nothing more in the step, {@code gives_up} names it:
 * the coordinator does not wait for that device. A report that the coordinator cannot use is
 * answered by a receipt with status REJECTED and a code.
 *
 * <h2>Change</h2>
 *
 * <p>Field numbers are never used again. Within version 1 a reader ignores fields it does not know;
 * enum values it does not know make a message that it skips without error.
 *
 * <p>Start at {@link io.crosslm.protocol.Limits}, {@link io.crosslm.protocol.topic.Topics} and
 * {@link io.crosslm.protocol.wire.WireReader}.
 */
@NullMarked
package io.crosslm.protocol;

import org.jspecify.annotations.NullMarked;
