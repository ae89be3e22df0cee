CREATE TABLE "import_pieces" (
	"import_id" text NOT NULL,
	"part" text NOT NULL,
	"seq" integer NOT NULL,
	"sealed" "bytea" NOT NULL,
	CONSTRAINT "import_pieces_import_id_part_seq_pk" PRIMARY KEY("import_id","part","seq")
);
--> statement-breakpoint
ALTER TABLE "imports" ADD COLUMN "mapping" text;--> statement-breakpoint
ALTER TABLE "imports" ADD COLUMN "policy" text;--> statement-breakpoint
ALTER TABLE "organisations" ADD COLUMN "merged_into" text;