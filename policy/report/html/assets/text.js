// Texts as the server has them. A path is a "binary string": one character for each byte of its UTF-8.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function toBytes(text) {
  let out = "";
  for (const byte of encoder.encode(text)) out += String.fromCharCode(byte);
  return out;
}

function fromBytes(bytes) {
  return decoder.decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0)));
}

function percentEncoded(bytes, safe) {
  return bytes.replace(/[^A-Za-z0-9_.~-]/g, (character) =>
    safe.includes(character) ? character : "%" + character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0"));
}

function percentDecoded(bytes) {
  return bytes.replace(/%([0-9A-Fa-f]{2})/g, (_, code) => String.fromCharCode(parseInt(code, 16)));
}

// A text in quotation marks, as the engine writes it.
function quoted(text) {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escapes = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", [mark]: "\\" + mark };
  let out = "";
  for (const character of text) {
    const code = character.codePointAt(0);
    if (escapes[character]) out += escapes[character];
    else if (character !== " " && /[\p{C}\p{Z}]/u.test(character)) {
      const digits = code.toString(16);
      out += code < 256 ? "\\x" + digits.padStart(2, "0")
        : code < 65536 ? "\\u" + digits.padStart(4, "0") : "\\U" + digits.padStart(8, "0");
    } else out += character;
  }
  return mark + out + mark;
}

// As the engine sorts texts: by code points, which is by bytes of UTF-8.
const sortedTexts = (texts) => [...texts].sort((one, other) => {
  const [a, b] = [toBytes(one), toBytes(other)];
  return a < b ? -1 : a > b ? 1 : 0;
});

const trimmedRight = (text, character) => {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end -= 1;
  return text.slice(0, end);
};

const asciiLower = (text) => text.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
