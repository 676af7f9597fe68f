//! Chinese characters that a PDF says are radicals.
//!
//! Some programs (Chromium among them) map the glyph of 人 to U+2F08, its twin in the block of radicals: nobody who
//! searches for 人民 finds it. The tables are the property Equivalent_Unified_Ideograph of Unicode, made by `perl -MUnicode::UCD`; a dot
//! stands for radicals that have no twin.

/// U+2E80 to U+2EF3.
const SUPPLEMENT: &str = "\
     ·厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵·旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓\
     罒㓁冗𦉫羊𦍌𦍋耂肀聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨\
     鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟";
/// U+2F00 to U+2FD5.
const KANGXI: &str = "\
     一丨丶丿乙亅二亠人儿入八冂冖冫几凵刀力勹匕匚匸十卜卩厂厶又口囗土士夂夊夕大女子宀寸小尢尸屮山巛工己巾\
     干幺广廴廾弋弓彐彡彳心戈戶手支攴文斗斤方无日曰月木欠止歹殳毋比毛氏气水火爪父爻爿片牙牛犬玄玉瓜瓦甘生\
     用田疋疒癶白皮皿目矛矢石示禸禾穴立竹米糸缶网羊羽老而耒耳聿肉臣自至臼舌舛舟艮色艸虍虫血行衣襾見角言谷\
     豆豕豸貝赤走足身車辛辰辵邑酉釆里金長門阜隶隹雨靑非面革韋韭音頁風飛食首香馬骨高髟鬥鬯鬲鬼魚鳥鹵鹿麥麻\
     黃黍黑黹黽鼎鼓鼠鼻齊齒龍龜龠";

/// The text with every radical as the character that it is a part of.
pub(crate) fn repair(text: &str) -> String {
    // No other character begins with these bytes but those of a few neighbouring blocks.
    if !text
        .as_bytes()
        .windows(2)
        .any(|pair| pair[0] == 0xe2 && (pair[1] | 1) >= 0xbb)
    {
        return text.to_owned();
    }
    text.chars().map(twin).collect()
}

fn twin(character: char) -> char {
    let find = |table: &str, first: char| {
        let index = u32::from(character) - u32::from(first);
        table
            .chars()
            .nth(index as usize)
            .filter(|twin| *twin != '·')
    };
    let twin = match character {
        '\u{2e80}'..='\u{2ef3}' => find(SUPPLEMENT, '\u{2e80}'),
        '\u{2f00}'..='\u{2fd5}' => find(KANGXI, '\u{2f00}'),
        _ => None,
    };
    twin.unwrap_or(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn radicals_become_characters() {
        assert_eq!(SUPPLEMENT.chars().count(), 0x2ef4 - 0x2e80);
        assert_eq!(KANGXI.chars().count(), 0x2fd6 - 0x2f00);
        assert_eq!(repair("⽹络 ⼈⺠ 全⻆ ⿕"), "网络 人民 全角 龠");
        assert_eq!(repair("plain, 中文。"), "plain, 中文。");
    }
}
