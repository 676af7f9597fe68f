#!/usr/bin/env python3
"""Makes the samples of crates/documents with real programs, and the text that is known to be in them.

    python3 -m venv venv && venv/bin/pip install python-docx openpyxl python-pptx reportlab weasyprint pillow easyofd
    apt-get install libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui fonts-wqy-zenhei \
        fonts-noto-cjk qpdf chromium
    venv/bin/python generate.py                 # the committed samples, beside this file
    venv/bin/python generate.py --bench FOLDER  # the large ones of `cargo xtask bench --documents`

Every name in the texts is invented.
"""

import argparse
import csv
import email.message
import email.policy
import io
import json
import pathlib
import shutil
import subprocess
import tempfile
import zipfile

import docx
import docx.opc.constants
import docx.oxml
import openpyxl
import openpyxl.styles
import pptx
import pptx.util
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import CIDFont, UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

HERE = pathlib.Path(__file__).parent
TRUETYPE = "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"

TITLE = "二〇二六年第三季度经营分析报告"
SECTIONS = [
    ("一、总体情况", [
        "本季度公司实现营业收入3,482.6万元,同比增长12.5%,净利润为418万元。主要原因是华东区新增了两家经销商,"
        "同时仓储费用下降。",
        "The quarterly review was prepared by the finance team on 2026-10-12 and covers all three regions.",
    ]),
    ("二、存在的问题", [
        "部分门店的库存周转天数超过六十天,占用流动资金;个别供应商交货延迟,影响了九月份的促销活动。",
        "客服中心共收到投诉87件,其中物流类53件,质量类21件,其他13件,均已在三个工作日内答复。",
    ]),
    ("三、下一步安排", [
        "请各部门负责人于十月三十日之前提交整改方案,由运营部林晓舟汇总后报总经理办公会审议。",
    ]),
]
BULLETS = ["清理超过九十天的滞销库存", "与三家备选供应商签订框架协议", "Train the new customer service staff"]
STEPS = ["提交申请表", "部门负责人审批", "财务复核并付款"]
TABLE = [
    ["地区", "收入(万元)", "同比", "负责人"],
    ["华东", "1820.4", "18.2%", "周明远"],
    ["华南", "1022.7", "6.1%", "何雨桐"],
    ["西南", "639.5", "9.8%", "Tashi Norbu"],
]
LINK = ("内部制度汇编", "https://intranet.example.com/rules?id=42")
RARE = "生僻字:龘靐齉爩,囧槑烎。"


def document_lines():
    lines = [TITLE]
    for heading, paragraphs in SECTIONS:
        lines += [heading, *paragraphs]
    lines += BULLETS + STEPS
    lines += [cell for row in TABLE for cell in row]
    return lines + [LINK[0], RARE]


def picture():
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), (30, 120, 200)).save(buffer, "PNG")
    buffer.seek(0)
    return buffer


def write_docx(path, repeat=1):
    document = docx.Document()
    for _ in range(repeat):
        document.add_heading(TITLE, 0)
        for heading, paragraphs in SECTIONS:
            document.add_heading(heading, 1)
            for text in paragraphs:
                document.add_paragraph(text)
        for text in BULLETS:
            document.add_paragraph(text, style="List Bullet")
        for text in STEPS:
            document.add_paragraph(text, style="List Number")
        table = document.add_table(rows=0, cols=4, style="Table Grid")
        for row in TABLE:
            for cell, text in zip(table.add_row().cells, row):
                cell.text = text
        paragraph = document.add_paragraph()
        add_link(paragraph, *LINK)
        document.add_paragraph(RARE)
    document.add_picture(picture())
    document.save(path)


def add_link(paragraph, text, address):
    kind = docx.opc.constants.RELATIONSHIP_TYPE.HYPERLINK
    identifier = paragraph.part.relate_to(address, kind, is_external=True)
    link = docx.oxml.OxmlElement("w:hyperlink")
    link.set(docx.oxml.ns.qn("r:id"), identifier)
    run = docx.oxml.OxmlElement("w:r")
    content = docx.oxml.OxmlElement("w:t")
    content.text = text
    run.append(content)
    link.append(run)
    paragraph._p.append(link)


def write_xlsx(path, rows=None):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "收入明细"
    sheet.append(TABLE[0])
    for row in TABLE[1:]:
        sheet.append([row[0], float(row[1]), float(row[2].rstrip("%")) / 100, row[3]])
        sheet.cell(sheet.max_row, 3).number_format = "0.0%"
    if rows:
        for number in range(rows):
            sheet.append([f"门店{number}", number * 1.25, 0.125, f"店长{number}"])
    dates = workbook.create_sheet("排期")
    import datetime
    dates.append(["事项", "日期", "完成"])
    dates.append(["盘点仓库", datetime.date(2026, 10, 30), True])
    dates.append(["发布新品", datetime.date(2026, 11, 11), False])
    secret = workbook.create_sheet("草稿")
    secret.append(["未定稿", 7])
    secret.sheet_state = "hidden"
    workbook.save(path)


def sheet_lines():
    lines = ["收入明细"] + [cell for row in TABLE for cell in row]
    return lines + ["排期", "事项", "日期", "完成", "盘点仓库", "2026-10-30", "TRUE", "发布新品", "2026-11-11", "FALSE"]


NOTES = ["讲解时先给出结论,再展开数据。", "Remember to thank the warehouse team."]


def write_pptx(path, repeat=1):
    presentation = pptx.Presentation()
    for _ in range(repeat):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = TITLE
        frame = slide.placeholders[1].text_frame
        frame.text = BULLETS[0]
        for text in BULLETS[1:]:
            frame.add_paragraph().text = text
        slide.notes_slide.notes_text_frame.text = NOTES[0]
        slide = presentation.slides.add_slide(presentation.slide_layouts[5])
        slide.shapes.title.text = SECTIONS[0][0]
        inch = pptx.util.Inches
        table = slide.shapes.add_table(len(TABLE), 4, inch(1), inch(2), inch(8), inch(2)).table
        for row, texts in enumerate(TABLE):
            for column, text in enumerate(texts):
                table.cell(row, column).text = text
        slide.shapes.add_picture(picture(), inch(1), inch(5))
        slide.notes_slide.notes_text_frame.text = NOTES[1]
    used = {slide.slide_layout.name for slide in presentation.slides}
    for layout in list(presentation.slide_layouts):
        if layout.name not in used:
            presentation.slide_layouts.remove(layout)
    presentation.save(path)


def slide_lines():
    cells = [cell for row in TABLE for cell in row]
    return [TITLE, *BULLETS, NOTES[0], SECTIONS[0][0], *cells, NOTES[1]]


def html(charset="utf-8", repeat=1):
    parts = []
    for _ in range(repeat):
        parts.append(f"<h1>{TITLE}</h1>")
        for heading, paragraphs in SECTIONS:
            parts.append(f"<h2>{heading}</h2>" + "".join(f"<p>{text}</p>" for text in paragraphs))
        parts.append("<ul>" + "".join(f"<li>{text}</li>" for text in BULLETS) + "</ul>")
        parts.append("<ol>" + "".join(f"<li>{text}</li>" for text in STEPS) + "</ol>")
        parts.append("<table border=1>" + "".join(
            "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in TABLE) + "</table>")
        parts.append(f'<p><a href="{LINK[1]}">{LINK[0]}</a></p><p>{RARE}</p>')
    body = "\n".join(parts)
    return (f'<!DOCTYPE html><html><head><meta charset="{charset}"><title>{TITLE}</title><style>body {{ font-family: '
            f'"WenQuanYi Zen Hei" }} @page {{ size: A4 }}</style><script>var hidden = "不应出现";</script></head>'
            f"<body>{body}</body></html>")


def wrap(text, width=34):
    return [text[start:start + width] for start in range(0, len(text), width)]


def write_reportlab(path, font, repeat=1):
    page = canvas.Canvas(str(path), pagesize=A4)
    # Fonts of this kind take the bytes of their encoding.
    encoded = (lambda line: line.encode("gbk").decode("latin-1")) if font.endswith("EUC-H") else (lambda line: line)
    for _ in range(repeat):
        for lines in ([TITLE], *[[heading, *texts] for heading, texts in SECTIONS]):
            y = 780
            for text in lines:
                for line in wrap(text):
                    page.setFont(font, 12)
                    page.drawString(60, y, encoded(line))
                    y -= 18
                y -= 8
            page.showPage()
    page.save()


def report_lines():
    lines = [TITLE]
    for heading, paragraphs in SECTIONS:
        lines += [heading, *paragraphs]
    return lines


NO_THUMBNAIL = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Office.Common/Save/Document">
<prop oor:name="GenerateThumbnail" oor:op="fuse"><value>false</value></prop></item></oor:items>
"""


# Characters that Chromium maps to radicals.
RADICALS = "网络、人民、全角、方面、文件、高龙飞、风雨、食品、黑色。"


def write_chromium(path, folder):
    page = folder / "page.html"
    page.write_text(f'<meta charset="utf-8"><body style="font-family: Noto Sans CJK SC"><h1>{TITLE}</h1><p>{RADICALS}</p>'
                    f"<p>The first office offers difficult files.</p>", encoding="utf-8")
    subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
                    f"--user-data-dir={folder / 'browser'}", f"--print-to-pdf={path}", str(page)],
                   check=True, capture_output=True)


def convert(source, kind, folder):
    profile = folder / "profile"
    settings = profile / "user" / "registrymodifications.xcu"
    if not settings.exists():
        settings.parent.mkdir(parents=True)
        settings.write_text(NO_THUMBNAIL, encoding="utf-8")
    subprocess.run(["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", kind, "--outdir",
                    str(folder), str(source)], check=True, capture_output=True)
    return folder / f"{pathlib.Path(source).stem}.{kind.split(':')[0]}"


def write_ofd(path, scratch):
    """The Chinese government format; easyofd turns a PDF into it."""
    from easyofd import OFD
    source = scratch / "for_ofd.pdf"
    write_reportlab(source, "ZenHei")
    ofd = OFD()
    path.write_bytes(ofd.pdf2ofd(source.read_bytes(), optional_text=True))


def message():
    mail = email.message.EmailMessage(policy=email.policy.SMTP)
    mail["From"] = "林晓舟 <lin@example.com>"
    mail["To"] = "zhou@example.com"
    mail["Subject"] = TITLE
    mail["Date"] = "Mon, 12 Oct 2026 09:30:00 +0800"
    mail.set_content("\n".join(line for _, texts in SECTIONS for line in texts), charset="gb18030", cte="base64")
    mail.add_alternative(html(), subtype="html")
    mail.add_attachment("地区,收入\n华东,1820.4\n".encode("gbk"), maintype="text", subtype="csv", filename="附件.csv")
    mail.add_attachment(picture().read(), maintype="image", subtype="png", filename="图.png")
    return mail.as_bytes()


def write_csv(encoding, rows=0):
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerows(TABLE)
    writer.writerow(["合计", "3482.6", "12.5%", '含"退货",未审计'])
    for number in range(rows):
        writer.writerow([f"门店{number}", number * 1.25, "0.125", f"店长{number}"])
    return buffer.getvalue().encode(encoding)


class GbkInfo(zipfile.ZipInfo):
    """A member whose name is written as Chinese Windows writes it: GBK bytes without the flag for UTF-8."""

    def _encodeFilenameFlags(self):
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def gbk_zip(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(GbkInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


class Samples:
    def __init__(self, folder):
        self.folder = folder
        self.known = {}
        self.files = {}

    def text(self, name, lines):
        self.known[name] = "\n".join(lines) + "\n"

    def add(self, file, known, content=None):
        if isinstance(content, bytes):
            (self.folder / file).write_bytes(content)
        elif content is not None:
            shutil.copy(content, self.folder / file)
        self.files[file] = known

    def finish(self):
        for name, text in self.known.items():
            (self.folder / f"{name}.known").write_text(text, encoding="utf-8")
        manifest = json.dumps(self.files, ensure_ascii=False, indent=1, sort_keys=True)
        (self.folder / "manifest.json").write_text(manifest + "\n", encoding="utf-8")


def register_fonts():
    pdfmetrics.registerFont(TTFont("ZenHei", TRUETYPE, subfontIndex=0))
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    pdfmetrics.registerFont(CIDFont("STSong-Light", "GBK-EUC-H"))


def small(folder):
    samples = Samples(folder)
    samples.text("document", document_lines())
    samples.text("report", report_lines())
    samples.text("sheet", sheet_lines())
    samples.text("chromium", [TITLE, RADICALS, "The first office offers difficult files."])
    # Old workbooks are read without the formats of their numbers.
    samples.text("raw_sheet", [str(float(line[:-1]) / 100) if line.endswith("%") else line for line in sheet_lines()])
    samples.text("slides", slide_lines())
    plain = "\n".join(document_lines())
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        write_docx(folder / "python.docx")
        samples.add("python.docx", "document")
        write_xlsx(folder / "python.xlsx")
        samples.add("python.xlsx", "sheet")
        write_pptx(folder / "python.pptx")
        samples.add("python.pptx", "slides")
        for kind in ("doc", "rtf", "odt", "pdf", "docx:MS Word 2007 XML"):
            made = convert(folder / "python.docx", kind, scratch)
            samples.add(f"office.{made.suffix[1:]}", "document", made)
        samples.add("office.ods", "sheet", convert(folder / "python.xlsx", "ods", scratch))
        samples.add("office.xls", "raw_sheet", convert(folder / "python.xlsx", "xls", scratch))
        made = convert(folder / "python.xlsx", "xlsx:Calc MS Excel 2007 XML", scratch)
        samples.add("office.xlsx", "sheet", made)
        for kind in ("ppt", "odp"):
            samples.add(f"office.{kind}", "slides", convert(folder / "python.pptx", kind, scratch))
        made = convert(folder / "python.pptx", "pptx:Impress MS PowerPoint 2007 XML", scratch)
        samples.add("office.pptx", "slides", made)

        write_reportlab(folder / "embedded.pdf", "ZenHei")
        samples.add("embedded.pdf", "report")
        for font, file in (("STSong-Light", "unigb_ucs2.pdf"), ("STSong-Light-GBK-EUC-H", "gbk_euc.pdf")):
            write_reportlab(folder / file, font)
            samples.add(file, "report")
        for file, arguments in (
            ("encrypted_open.pdf", ["--encrypt", "", "owner", "256", "--"]),
            ("encrypted.pdf", ["--encrypt", "user", "owner", "256", "--"]),
            ("encrypted_rc4.pdf", ["--allow-weak-crypto", "--encrypt", "", "owner", "128", "--"]),
            ("object_streams.pdf", ["--object-streams=generate"]),
        ):
            subprocess.run(["qpdf", str(folder / "embedded.pdf"), str(folder / file), *arguments], check=True)
            samples.add(file, None if file == "encrypted.pdf" else "report")
        import weasyprint
        weasyprint.HTML(string=html()).write_pdf(folder / "weasyprint.pdf")
        samples.add("weasyprint.pdf", "document")
        write_chromium(folder / "chromium.pdf", scratch)
        samples.add("chromium.pdf", "chromium")
        write_ofd(folder / "easyofd.ofd", scratch)
        # What easyofd leaves in the current folder.
        shutil.rmtree("test", ignore_errors=True)
        samples.add("easyofd.ofd", "report")

    for encoding in ("utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-be"):
        mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
        samples.add(f"{encoding}.txt", "document", mark + plain.encode(encoding, "ignore"))
    big5 = "本季度公司營業收入成長百分之十二,主要原因是華東區新增兩家經銷商。\n請各部門負責人於十月底之前提交整改方案。\n"
    samples.text("big5", [big5])
    samples.add("big5.txt", "big5", big5.encode("big5"))
    cells = [cell for row in TABLE for cell in row]
    samples.text("table", [*cells, "合计", "3482.6", "12.5%", '含"退货",未审计'])
    samples.add("excel_gbk.csv", "table", write_csv("gbk"))
    samples.add("utf8.csv", "table", write_csv("utf-8-sig"))
    samples.add("page.html", "document", html().encode())
    samples.add("gbk.html", "document", html("gb2312").encode("gb18030"))
    samples.add("mail.eml", "mail", message())
    samples.text("mail", [TITLE, *[line for _, texts in SECTIONS for line in texts], "附件.csv", "华东", "1820.4"])
    record = {"标题": TITLE, "段落": [text for _, texts in SECTIONS for text in texts]}
    samples.text("record", [TITLE, *record["段落"]])
    samples.add("escaped.json", "record", json.dumps(record).encode())
    samples.add("record.yaml", "record", ("标题: " + TITLE + "\n段落:\n" + "".join(
        f"  - {text}\n" for text in record["段落"])).encode())
    samples.add("gbk.xml", "record", ('<?xml version="1.0" encoding="GBK"?>\n<记录><标题>' + TITLE + "</标题>" + "".join(
        f"<段落>{text}</段落>" for text in record["段落"]) + "</记录>").encode("gbk"))
    samples.add("notes.md", "document", plain.encode())
    samples.text("archive", ["报告/收入.csv", *cells, "合计", "说明.txt", TITLE])
    samples.add("gbk_names.zip", "archive", gbk_zip({"报告/收入.csv": write_csv("gbk"), "说明.txt": TITLE.encode("gbk")}))
    samples.finish()


def large(folder):
    folder.mkdir(parents=True, exist_ok=True)
    write_docx(folder / "large.docx", repeat=250)
    write_xlsx(folder / "large.xlsx", rows=50_000)
    write_pptx(folder / "large.pptx", repeat=100)
    write_reportlab(folder / "large_embedded.pdf", "ZenHei", repeat=50)
    write_reportlab(folder / "large_gbk_euc.pdf", "STSong-Light-GBK-EUC-H", repeat=50)
    (folder / "large.html").write_text(html(repeat=250), encoding="utf-8")
    (folder / "large.csv").write_bytes(write_csv("gbk", rows=50_000))
    (folder / "large.txt").write_text("\n".join(document_lines()) * 500, encoding="gb18030")
    (folder / "large.json").write_text(json.dumps([document_lines()] * 300), encoding="utf-8")
    (folder / "large.eml").write_bytes(message())
    for source, kind in (("large.docx", "doc"), ("large.docx", "rtf"), ("large.docx", "odt"), ("large.xlsx", "xls"),
                         ("large.xlsx", "ods"), ("large.pptx", "ppt"), ("large.pptx", "odp"), ("large.docx", "pdf")):
        convert(folder / source, kind, folder)
    shutil.rmtree(folder / "profile", ignore_errors=True)
    with zipfile.ZipFile(folder / "large.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("large.docx", "large.csv", "large.txt"):
            archive.write(folder / name, name)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", type=pathlib.Path)
    arguments = parser.parse_args()
    register_fonts()
    if arguments.bench:
        large(arguments.bench)
    else:
        small(HERE)


main()
