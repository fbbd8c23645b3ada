// npy.mjs - arrays of numbers as .npy files, for tests that play the training.
import { renameSync, writeFileSync } from "node:fs";

/** Bytes of a float64 array in C order. */
export function npyBytes(shape, values) {
    const dims = shape.length === 1 ? `${shape[0]},` : shape.join(", "), head = `{'descr': '<f8', 'fortran_order': False, 'shape': (${dims}), }`;
    const text = `${head.padEnd(Math.ceil((head.length + 11) / 64) * 64 - 11)}\n`, start = Buffer.from("\x93NUMPY\x01\x00\x00\x00", "latin1");
    start.writeUInt16LE(text.length, 8);
    return Buffer.concat([start, Buffer.from(text, "latin1"), Buffer.from(Float64Array.from(values).buffer)]);
}

/** Written to a neighbour and renamed, as a careful training does. */
export function npySave(path, shape, values) {
    writeFileSync(`${path}.tmp`, npyBytes(shape, values));
    renameSync(`${path}.tmp`, path);
}
