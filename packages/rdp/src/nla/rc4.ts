/** The RC4 stream cipher, whose state goes on from call to call. NTLM and licensing prescribe it; TLS protects them. */
export class Rc4 {
  readonly #state = new Uint8Array(256);
  #i = 0;
  #j = 0;

  /** A key of 1 to 256 bytes. */
  constructor(key: Uint8Array) {
    const state = this.#state;
    for (let index = 0; index < 256; index++) state[index] = index;
    for (let index = 0, j = 0; index < 256; index++) {
      const value = state[index] ?? 0;
      j = (j + value + (key[index % key.length] ?? 0)) & 255;
      state[index] = state[j] ?? 0;
      state[j] = value;
    }
  }

  /** Encrypts or decrypts into a new array. */
  update(data: Uint8Array): Uint8Array {
    const state = this.#state;
    const result = new Uint8Array(data.length);
    for (let index = 0; index < data.length; index++) {
      this.#i = (this.#i + 1) & 255;
      const left = state[this.#i] ?? 0;
      this.#j = (this.#j + left) & 255;
      const right = state[this.#j] ?? 0;
      state[this.#i] = right;
      state[this.#j] = left;
      result[index] = (data[index] ?? 0) ^ (state[(left + right) & 255] ?? 0);
    }
    return result;
  }
}
