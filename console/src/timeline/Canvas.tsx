import { useEffect, useRef } from "react";

/** A canvas that fills its box, in pixels of the device, drawn again when `paint` or the size of the box changes. */
export function Canvas(props: {
  width: number;
  height: number;
  className?: string;
  paint: (context: CanvasRenderingContext2D) => void;
}) {
  const ref = useRef<HTMLCanvasElement>(null);
  const { width, height, paint } = props;
  useEffect(() => {
    const canvas = ref.current;
    if (!canvas || width <= 0) return;
    const ratio = window.devicePixelRatio || 1;
    const pixels = Math.round(width * ratio);
    const lines = Math.round(height * ratio);
    if (canvas.width !== pixels || canvas.height !== lines) {
      canvas.width = pixels;
      canvas.height = lines;
    }
    const context = canvas.getContext("2d", { alpha: true });
    if (!context) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    paint(context);
  }, [width, height, paint]);
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus
    <canvas
      ref={ref}
      className={props.className}
      aria-hidden="true"
      style={{ inlineSize: "100%", blockSize: height, display: "block" }}
    />
  );
}
